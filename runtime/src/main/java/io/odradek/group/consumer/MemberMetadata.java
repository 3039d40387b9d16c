package io.odradek.group.consumer;

import io.odradek.group.message.ConsumerGroupMemberMetadataValue;
import io.odradek.group.message.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a member has said of itself: the content of a ConsumerGroupMemberMetadata record.
 *
 * @param instanceId of a static member
 * @param rebalanceTimeoutMs how long the member may take to give partitions up; -1 before it has said
 * @param topicNames that it is subscribed to by name, sorted
 * @param topicRegex that it is subscribed to; empty text for none
 * @param serverAssignor that it would like
 * @param classic what it supports, if it speaks the classic protocol; not to be changed
 */
record MemberMetadata(
        Optional<String> instanceId,
        Optional<String> rackId,
        int rebalanceTimeoutMs,
        String clientId,
        String clientHost,
        Set<String> topicNames,
        String topicRegex,
        Optional<String> serverAssignor,
        Optional<ClassicMemberMetadata> classic) {
    /** Of a member that has said nothing yet. */
    static final MemberMetadata UNKNOWN = new MemberMetadata(
            Optional.empty(), Optional.empty(), -1, "", "", Set.of(), "", Optional.empty(), Optional.empty());

    MemberMetadata {
        topicNames = Collections.unmodifiableSet(topicNames);
    }

    static MemberMetadata of(ConsumerGroupMemberMetadataValue value) {
        return new MemberMetadata(
                Optional.ofNullable(value.instanceId()),
                Optional.ofNullable(value.rackId()),
                value.rebalanceTimeoutMs(),
                value.clientId(),
                value.clientHost(),
                sorted(value.subscribedTopicNames()),
                value.subscribedTopicRegex() == null ? "" : value.subscribedTopicRegex(),
                Optional.ofNullable(value.serverAssignor()),
                Optional.ofNullable(value.classicMemberMetadata()));
    }

    static Set<String> sorted(Collection<String> names) {
        return new TreeSet<>(names);
    }

    ConsumerGroupMemberMetadataValue toRecord() {
        return new ConsumerGroupMemberMetadataValue()
                .setInstanceId(instanceId.orElse(null))
                .setRackId(rackId.orElse(null))
                .setRebalanceTimeoutMs(rebalanceTimeoutMs)
                .setClientId(clientId)
                .setClientHost(clientHost)
                .setSubscribedTopicNames(List.copyOf(topicNames))
                .setSubscribedTopicRegex(topicRegex)
                .setServerAssignor(serverAssignor.orElse(null))
                .setClassicMemberMetadata(classic.orElse(null));
    }

    boolean hasRegex() {
        return !topicRegex.isEmpty();
    }
}
