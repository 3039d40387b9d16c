package io.odradek.group.consumer.assignor;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * What there is to share out, and among whom.
 *
 * @param members by member id
 * @param partitionCounts of every topic that a member is subscribed to
 */
public record GroupSpec(SortedMap<String, MemberSpec> members, Map<Uuid, Integer> partitionCounts) {
    public GroupSpec(Map<String, MemberSpec> members, Map<Uuid, Integer> partitionCounts) {
        this(new TreeMap<>(members), partitionCounts);
    }

    /** Whether all members are subscribed to the same topics. */
    boolean isHomogeneous() {
        var first = members.get(members.firstKey()).subscribedTopics();
        // Sets are shared between members with equal subscriptions, so most often these are the same object.
        return members.values().stream()
                .allMatch(m ->
                        m.subscribedTopics() == first || m.subscribedTopics().equals(first));
    }
}
