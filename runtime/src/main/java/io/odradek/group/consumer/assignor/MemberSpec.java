package io.odradek.group.consumer.assignor;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/**
 * A member, as an assignor sees it.
 *
 * @param instanceId of a static member
 * @param subscribedTopics those that exist
 * @param assigned what the last assignment gave it; topics and partitions may be gone since
 */
public record MemberSpec(Optional<String> instanceId, Set<Uuid> subscribedTopics, Map<Uuid, Set<Integer>> assigned) {}
