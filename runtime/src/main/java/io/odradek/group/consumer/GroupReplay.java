package io.odradek.group.consumer;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.message.ConsumerGroupCurrentMemberAssignmentKey;
import io.odradek.group.message.ConsumerGroupCurrentMemberAssignmentValue;
import io.odradek.group.message.ConsumerGroupMemberMetadataKey;
import io.odradek.group.message.ConsumerGroupMemberMetadataValue;
import io.odradek.group.message.ConsumerGroupMetadataKey;
import io.odradek.group.message.ConsumerGroupMetadataValue;
import io.odradek.group.message.ConsumerGroupPartitionMetadataKey;
import io.odradek.group.message.ConsumerGroupRegularExpressionKey;
import io.odradek.group.message.ConsumerGroupRegularExpressionValue;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMemberKey;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMemberValue;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMetadataKey;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMetadataValue;
import io.odradek.group.message.CoordinatorRecordType;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.protocol.ApiMessage;
import org.pcollections.HashTreePMap;

/**
 * The one function that changes consumer groups: a group and a record make the next state of the group. It takes records
 * in any order that compaction of the log may leave them in.
 */
final class GroupReplay {
    static final Set<Short> TYPES = Set.of(
            CoordinatorRecordType.CONSUMER_GROUP_METADATA.id(),
            CoordinatorRecordType.CONSUMER_GROUP_PARTITION_METADATA.id(),
            CoordinatorRecordType.CONSUMER_GROUP_MEMBER_METADATA.id(),
            CoordinatorRecordType.CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA.id(),
            CoordinatorRecordType.CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER.id(),
            CoordinatorRecordType.CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT.id(),
            CoordinatorRecordType.CONSUMER_GROUP_REGULAR_EXPRESSION.id());

    private GroupReplay() {}

    /** The group that a record of {@link #TYPES} is about. */
    static String groupId(CoordinatorRecord record) {
        var key = record.key();
        if (key instanceof ConsumerGroupMetadataKey k) {
            return k.groupId();
        }
        if (key instanceof ConsumerGroupPartitionMetadataKey k) {
            return k.groupId();
        }
        if (key instanceof ConsumerGroupMemberMetadataKey k) {
            return k.groupId();
        }
        if (key instanceof ConsumerGroupTargetAssignmentMetadataKey k) {
            return k.groupId();
        }
        if (key instanceof ConsumerGroupTargetAssignmentMemberKey k) {
            return k.groupId();
        }
        if (key instanceof ConsumerGroupCurrentMemberAssignmentKey k) {
            return k.groupId();
        }
        if (key instanceof ConsumerGroupRegularExpressionKey k) {
            return k.groupId();
        }
        throw new IllegalArgumentException("No record of a consumer group: " + record.type());
    }

    /** @return empty if the group is gone, or was not there and still is not */
    static Optional<ConsumerGroup> apply(Optional<ConsumerGroup> group, CoordinatorRecord record) {
        var key = record.key();
        if (key instanceof ConsumerGroupMetadataKey k) {
            return change(
                    group, k.groupId(), record, (g, value) -> epoch(g, (ConsumerGroupMetadataValue) value), g -> null);
        }
        if (key instanceof ConsumerGroupPartitionMetadataKey k) {
            return change(
                    group,
                    k.groupId(),
                    record,
                    (g, value) -> g.withSubscriptionMetadata(true),
                    g -> g.withSubscriptionMetadata(false));
        }
        if (key instanceof ConsumerGroupMemberMetadataKey k) {
            return change(
                    group,
                    k.groupId(),
                    record,
                    (g, value) -> g.with(
                            member(g, k.memberId()).with(MemberMetadata.of((ConsumerGroupMemberMetadataValue) value))),
                    g -> g.member(k.memberId()).map(g::without).orElse(g));
        }
        if (key instanceof ConsumerGroupTargetAssignmentMetadataKey k) {
            return change(
                    group,
                    k.groupId(),
                    record,
                    (g, value) -> targetEpoch(g, (ConsumerGroupTargetAssignmentMetadataValue) value),
                    g -> g.with(new TargetAssignment(-1, 0, HashTreePMap.empty())));
        }
        if (key instanceof ConsumerGroupTargetAssignmentMemberKey k) {
            return change(
                    group,
                    k.groupId(),
                    record,
                    (g, value) -> g.with(g.target()
                            .with(k.memberId(), Assignment.of((ConsumerGroupTargetAssignmentMemberValue) value))),
                    g -> g.with(g.target().without(k.memberId())));
        }
        if (key instanceof ConsumerGroupCurrentMemberAssignmentKey k) {
            return change(
                    group,
                    k.groupId(),
                    record,
                    (g, value) -> g.with(member(g, k.memberId())
                            .with(CurrentAssignment.of((ConsumerGroupCurrentMemberAssignmentValue) value))),
                    g -> g.member(k.memberId())
                            .map(m -> g.with(m.with(CurrentAssignment.JOINING)))
                            .orElse(g));
        }
        var regex = (ConsumerGroupRegularExpressionKey) key;
        return change(
                group,
                regex.groupId(),
                record,
                (g, value) -> g.with(g.subscriptions()
                        .resolved(regex.regularExpression(), Optional.of(resolved((ConsumerGroupRegularExpressionValue)
                                value)))),
                g -> g.with(g.subscriptions().resolved(regex.regularExpression(), Optional.empty())));
    }

    /** A tombstone of a group that is not there means nothing, every other record makes the group if need be. */
    private static Optional<ConsumerGroup> change(
            Optional<ConsumerGroup> group,
            String groupId,
            CoordinatorRecord record,
            BiFunction<ConsumerGroup, ApiMessage, ConsumerGroup> write,
            UnaryOperator<ConsumerGroup> delete) {
        return record.value()
                .map(value -> Optional.of(write.apply(group.orElseGet(() -> ConsumerGroup.empty(groupId)), value)))
                .orElseGet(() -> group.map(delete));
    }

    private static ConsumerGroup epoch(ConsumerGroup group, ConsumerGroupMetadataValue value) {
        return group.at(value.epoch(), value.metadataHash());
    }

    private static ConsumerGroup targetEpoch(ConsumerGroup group, ConsumerGroupTargetAssignmentMetadataValue value) {
        return group.with(group.target().at(value.assignmentEpoch(), value.assignmentTimestamp()));
    }

    private static ConsumerGroupMember member(ConsumerGroup group, String memberId) {
        return group.member(memberId).orElseGet(() -> ConsumerGroupMember.joining(memberId));
    }

    private static ResolvedRegex resolved(ConsumerGroupRegularExpressionValue value) {
        return new ResolvedRegex(Set.copyOf(value.topics()), value.version(), value.timestamp());
    }
}
