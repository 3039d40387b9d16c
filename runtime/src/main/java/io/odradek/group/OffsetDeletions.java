package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import java.util.ArrayList;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** Decides which offsets may be deleted one by one: those of topics that nobody in the group reads (KIP-496). */
final class OffsetDeletions {
    private final Groups groups;
    private final OffsetStore store;

    OffsetDeletions(Groups groups, OffsetStore store) {
        this.groups = groups;
        this.store = store;
    }

    Decision<OffsetDeleteResponseData> delete(OffsetDeleteRequestData request) {
        var groupId = request.groupId();
        var group = groups.require(groupId);
        group.validateOffsetDelete();
        var records = new ArrayList<CoordinatorRecord>();
        var response = new OffsetDeleteResponseData();
        for (var topic : request.topics()) {
            var answer = new OffsetDeleteResponseTopic().setName(topic.name());
            var error = group.isSubscribedTo(topic.name()) ? Errors.GROUP_SUBSCRIBED_TO_TOPIC : Errors.NONE;
            for (var partition : topic.partitions()) {
                int index = partition.partitionIndex();
                if (error == Errors.NONE && isThere(groupId, topic.name(), index)) {
                    records.add(OffsetRecords.tombstone(groupId, topic.name(), index));
                }
                answer.partitions()
                        .add(new OffsetDeleteResponsePartition()
                                .setPartitionIndex(index)
                                .setErrorCode(error.code()));
            }
            response.topics().add(answer);
        }
        return Decision.of(records, response);
    }

    private boolean isThere(String groupId, String topic, int partition) {
        return store.committed().get(groupId, topic, partition).isPresent()
                || store.open().get(groupId, topic, partition).isPresent();
    }
}
