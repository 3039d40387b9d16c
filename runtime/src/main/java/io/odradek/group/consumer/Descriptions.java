package io.odradek.group.consumer;

import io.odradek.group.Group;
import io.odradek.metadata.MetadataImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;

/** Groups as ConsumerGroupDescribe tells them. */
final class Descriptions {
    private static final byte CLASSIC_MEMBER = 0;
    private static final byte CONSUMER_MEMBER = 1;

    private Descriptions() {}

    /** @throws GroupIdNotFoundException the group is of another kind */
    static DescribedGroup of(Group group, List<String> assignors, MetadataImage image) {
        if (!(group instanceof ConsumerGroup consumers)) {
            throw new GroupIdNotFoundException(String.format("Group %s is not a consumer group.", group.groupId()));
        }
        var described = new DescribedGroup()
                .setGroupId(consumers.groupId())
                .setAssignorName(TargetComputation.assignorName(consumers, assignors))
                .setGroupEpoch(consumers.epoch())
                .setGroupState(consumers.state().toString())
                .setAssignmentEpoch(consumers.target().epoch());
        consumers.members().values().forEach(member -> described
                .members()
                .add(member(member, consumers.target().of(member.memberId()), image)));
        return described;
    }

    private static Member member(ConsumerGroupMember member, Assignment target, MetadataImage image) {
        var metadata = member.metadata();
        // What the member is to give up is its own until it has.
        var owned = new TreeMap<Uuid, Set<Integer>>();
        for (var part : List.of(member.current().assigned(), member.current().pendingRevocation())) {
            part.epochs().forEach((topic, partitions) -> owned.computeIfAbsent(topic, t -> new TreeSet<>())
                    .addAll(partitions.keySet()));
        }
        return new Member()
                .setMemberId(member.memberId())
                .setMemberEpoch(member.epoch())
                .setInstanceId(metadata.instanceId().orElse(null))
                .setRackId(metadata.rackId().orElse(null))
                .setClientId(metadata.clientId())
                .setClientHost(metadata.clientHost())
                .setSubscribedTopicNames(List.copyOf(metadata.topicNames()))
                .setSubscribedTopicRegex(metadata.topicRegex())
                .setAssignment(assignment(new Assignment(owned), image))
                .setTargetAssignment(assignment(target, image))
                .setMemberType(member.usesClassicProtocol() ? CLASSIC_MEMBER : CONSUMER_MEMBER);
    }

    private static ConsumerGroupDescribeResponseData.Assignment assignment(Assignment assignment, MetadataImage image) {
        var topics = new ArrayList<TopicPartitions>();
        assignment.partitions().forEach((id, partitions) -> image.topics()
                .byId(id)
                .ifPresent(topic -> topics.add(new TopicPartitions()
                        .setTopicId(id)
                        .setTopicName(topic.name())
                        .setPartitions(List.copyOf(partitions)))));
        return new ConsumerGroupDescribeResponseData.Assignment().setTopicPartitions(topics);
    }
}
