package io.odradek.group;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;

/** Answers what a group has committed. */
final class OffsetFetches {
    private final Groups groups;
    private final OffsetStore store;

    OffsetFetches(Groups groups, OffsetStore store) {
        this.groups = groups;
        this.store = store;
    }

    /** @param requireStable to refuse offsets that an open transaction may still change (KIP-447) */
    OffsetFetchResponseGroup fetch(OffsetFetchRequestGroup request, boolean requireStable) {
        var response = new OffsetFetchResponseGroup().setGroupId(request.groupId());
        groups.get(request.groupId())
                .ifPresent(group ->
                        group.validateOffsetFetch(Optional.ofNullable(request.memberId()), request.memberEpoch()));
        return response.setTopics(
                OffsetFetchRequest.requestAllOffsets(request)
                        ? all(request.groupId(), requireStable)
                        : request.topics().stream()
                                .map(topic -> some(request.groupId(), topic, requireStable))
                                .toList());
    }

    private List<OffsetFetchResponseTopics> all(String groupId, boolean requireStable) {
        return store.committed().topics(groupId).entrySet().stream()
                .map(topic -> {
                    var answer = new OffsetFetchResponseTopics().setName(topic.getKey());
                    for (var partition : topic.getValue().entries()) {
                        answer.partitions()
                                .add(
                                        requireStable && isOpen(groupId, topic.getKey(), partition.key())
                                                ? unstable(partition.key())
                                                : found(partition.key(), partition.value()));
                    }
                    return answer;
                })
                .toList();
    }

    private OffsetFetchResponseTopics some(String groupId, OffsetFetchRequestTopics topic, boolean requireStable) {
        var answer = new OffsetFetchResponseTopics().setTopicId(topic.topicId()).setName(topic.name());
        for (int partition : topic.partitionIndexes()) {
            answer.partitions()
                    .add(
                            requireStable && isOpen(groupId, topic.name(), partition)
                                    ? unstable(partition)
                                    : find(groupId, topic.topicId(), topic.name(), partition));
        }
        return answer;
    }

    private OffsetFetchResponsePartitions find(String groupId, Uuid topicId, String topic, int partition) {
        return store.committed()
                .get(groupId, topic, partition)
                .filter(offset -> offset.isOf(topicId))
                .map(offset -> found(partition, offset))
                .orElseGet(() -> none(partition));
    }

    private boolean isOpen(String groupId, String topic, int partition) {
        return store.open().get(groupId, topic, partition).isPresent();
    }

    private static OffsetFetchResponsePartitions found(int partition, CommittedOffset offset) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(partition)
                .setCommittedOffset(offset.offset())
                .setCommittedLeaderEpoch(offset.leaderEpoch())
                .setMetadata(offset.metadata());
    }

    private static OffsetFetchResponsePartitions unstable(int partition) {
        return none(partition).setErrorCode(Errors.UNSTABLE_OFFSET_COMMIT.code());
    }

    private static OffsetFetchResponsePartitions none(int partition) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(partition)
                .setCommittedOffset(OffsetFetchResponse.INVALID_OFFSET)
                .setCommittedLeaderEpoch(-1)
                .setMetadata(OffsetFetchResponse.NO_METADATA);
    }
}
