package io.odradek.group.consumer;

import java.util.Optional;

/** A member of a consumer group. */
record ConsumerGroupMember(String memberId, MemberMetadata metadata, CurrentAssignment current) {
    static ConsumerGroupMember joining(String memberId) {
        return new ConsumerGroupMember(memberId, MemberMetadata.UNKNOWN, CurrentAssignment.JOINING);
    }

    ConsumerGroupMember with(MemberMetadata metadata) {
        return new ConsumerGroupMember(memberId, metadata, current);
    }

    ConsumerGroupMember with(CurrentAssignment current) {
        return new ConsumerGroupMember(memberId, metadata, current);
    }

    Optional<String> instanceId() {
        return metadata.instanceId();
    }

    int epoch() {
        return current.epoch();
    }

    boolean usesClassicProtocol() {
        return metadata.classic().isPresent();
    }
}
