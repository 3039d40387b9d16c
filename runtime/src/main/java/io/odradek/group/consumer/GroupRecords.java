package io.odradek.group.consumer;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.message.ConsumerGroupCurrentMemberAssignmentKey;
import io.odradek.group.message.ConsumerGroupMemberMetadataKey;
import io.odradek.group.message.ConsumerGroupMetadataKey;
import io.odradek.group.message.ConsumerGroupMetadataValue;
import io.odradek.group.message.ConsumerGroupPartitionMetadataKey;
import io.odradek.group.message.ConsumerGroupRegularExpressionKey;
import io.odradek.group.message.ConsumerGroupRegularExpressionValue;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMemberKey;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMemberValue;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMemberValue.TopicPartition;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMetadataKey;
import io.odradek.group.message.ConsumerGroupTargetAssignmentMetadataValue;
import java.util.ArrayList;
import java.util.List;

/** The records that a consumer group consists of, in Apache Kafka's formats. {@link GroupReplay} reads them. */
final class GroupRecords {
    /** All values have this version alone. */
    private static final int VERSION = 0;

    private GroupRecords() {}

    static CoordinatorRecord member(String groupId, ConsumerGroupMember member) {
        return CoordinatorRecord.of(
                memberKey(groupId, member.memberId()), member.metadata().toRecord(), VERSION);
    }

    private static ConsumerGroupMemberMetadataKey memberKey(String groupId, String memberId) {
        return new ConsumerGroupMemberMetadataKey().setGroupId(groupId).setMemberId(memberId);
    }

    static CoordinatorRecord epoch(String groupId, int epoch, long metadataHash) {
        return CoordinatorRecord.of(
                new ConsumerGroupMetadataKey().setGroupId(groupId),
                new ConsumerGroupMetadataValue().setEpoch(epoch).setMetadataHash(metadataHash),
                VERSION);
    }

    static CoordinatorRecord target(String groupId, String memberId, Assignment assignment) {
        var topics = new ArrayList<TopicPartition>();
        assignment
                .partitions()
                .forEach((topic, partitions) ->
                        topics.add(new TopicPartition().setTopicId(topic).setPartitions(List.copyOf(partitions))));
        return CoordinatorRecord.of(
                targetKey(groupId, memberId),
                new ConsumerGroupTargetAssignmentMemberValue().setTopicPartitions(topics),
                VERSION);
    }

    private static ConsumerGroupTargetAssignmentMemberKey targetKey(String groupId, String memberId) {
        return new ConsumerGroupTargetAssignmentMemberKey().setGroupId(groupId).setMemberId(memberId);
    }

    static CoordinatorRecord targetEpoch(String groupId, int epoch, long timestampMs) {
        return CoordinatorRecord.of(
                new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(groupId),
                new ConsumerGroupTargetAssignmentMetadataValue()
                        .setAssignmentEpoch(epoch)
                        .setAssignmentTimestamp(timestampMs),
                VERSION);
    }

    static CoordinatorRecord current(String groupId, ConsumerGroupMember member) {
        return CoordinatorRecord.of(
                currentKey(groupId, member.memberId()), member.current().toRecord(), VERSION);
    }

    private static ConsumerGroupCurrentMemberAssignmentKey currentKey(String groupId, String memberId) {
        return new ConsumerGroupCurrentMemberAssignmentKey().setGroupId(groupId).setMemberId(memberId);
    }

    static CoordinatorRecord regex(String groupId, String regex, ResolvedRegex resolved) {
        return CoordinatorRecord.of(
                regexKey(groupId, regex),
                new ConsumerGroupRegularExpressionValue()
                        .setTopics(List.copyOf(resolved.topics()))
                        .setVersion(resolved.version())
                        .setTimestamp(resolved.timestampMs()),
                VERSION);
    }

    private static ConsumerGroupRegularExpressionKey regexKey(String groupId, String regex) {
        return new ConsumerGroupRegularExpressionKey().setGroupId(groupId).setRegularExpression(regex);
    }

    static CoordinatorRecord regexTombstone(String groupId, String regex) {
        return CoordinatorRecord.tombstone(regexKey(groupId, regex));
    }

    /** Of what Kafka up to 4.0 kept of subscribed topics. */
    static CoordinatorRecord subscriptionMetadataTombstone(String groupId) {
        return CoordinatorRecord.tombstone(new ConsumerGroupPartitionMetadataKey().setGroupId(groupId));
    }

    /** What deletes a member, in the order that Kafka insists on when it reads the log. */
    static List<CoordinatorRecord> memberTombstones(String groupId, String memberId) {
        return List.of(
                CoordinatorRecord.tombstone(currentKey(groupId, memberId)),
                CoordinatorRecord.tombstone(targetKey(groupId, memberId)),
                CoordinatorRecord.tombstone(memberKey(groupId, memberId)));
    }

    /** What deletes a whole group, in the order that Kafka insists on when it reads the log. */
    static List<CoordinatorRecord> tombstones(ConsumerGroup group) {
        var id = group.groupId();
        var records = new ArrayList<CoordinatorRecord>();
        group.members().keySet().forEach(member -> records.add(CoordinatorRecord.tombstone(currentKey(id, member))));
        group.members().keySet().forEach(member -> records.add(CoordinatorRecord.tombstone(targetKey(id, member))));
        records.add(CoordinatorRecord.tombstone(new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(id)));
        group.members().keySet().forEach(member -> records.add(CoordinatorRecord.tombstone(memberKey(id, member))));
        group.subscriptions().resolved().keySet().forEach(regex -> records.add(regexTombstone(id, regex)));
        records.add(subscriptionMetadataTombstone(id));
        records.add(CoordinatorRecord.tombstone(new ConsumerGroupMetadataKey().setGroupId(id)));
        return records;
    }

    /** Everything that makes the group what it is. */
    static List<CoordinatorRecord> all(ConsumerGroup group) {
        var id = group.groupId();
        var records = new ArrayList<CoordinatorRecord>();
        group.members().values().forEach(member -> records.add(member(id, member)));
        records.add(epoch(id, group.epoch(), group.metadataHash()));
        group.members()
                .keySet()
                .forEach(member -> records.add(target(id, member, group.target().of(member))));
        records.add(targetEpoch(id, group.target().epoch(), group.target().timestampMs()));
        group.members().values().forEach(member -> records.add(current(id, member)));
        return records;
    }
}
