package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.message.LegacyOffsetCommitKey;
import io.odradek.group.message.LegacyOffsetCommitValue;
import io.odradek.group.message.OffsetCommitKey;
import io.odradek.group.message.OffsetCommitValue;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;

/** Records of committed offsets, in the versions in which Apache Kafka 4.3 writes them. */
final class OffsetRecords {
    /** The only version with a time at which the offset expires. */
    private static final short WITH_EXPIRE_TIMESTAMP = 1;

    private static final short CURRENT = 4;

    private OffsetRecords() {}

    /** @param expireTimestampMs -1 as long as the broker's retention decides */
    static CoordinatorRecord commit(
            OffsetCommitKey key,
            Uuid topicId,
            long offset,
            int leaderEpoch,
            String metadata,
            long commitTimestampMs,
            long expireTimestampMs) {
        var value = new OffsetCommitValue()
                .setOffset(offset)
                .setLeaderEpoch(leaderEpoch)
                .setMetadata(metadata == null ? "" : metadata)
                .setCommitTimestamp(commitTimestampMs)
                .setExpireTimestamp(expireTimestampMs)
                .setTopicId(topicId);
        boolean expires = expireTimestampMs != CommittedOffset.NO_EXPIRE_TIMESTAMP;
        return CoordinatorRecord.of(key, value, expires ? WITH_EXPIRE_TIMESTAMP : CURRENT);
    }

    static CoordinatorRecord tombstone(String groupId, String topic, int partition) {
        return CoordinatorRecord.tombstone(key(groupId, topic, partition));
    }

    static OffsetCommitKey key(String groupId, String topic, int partition) {
        return new OffsetCommitKey().setGroup(groupId).setTopic(topic).setPartition(partition);
    }

    /** The key of a record, in today's form. */
    static OffsetCommitKey key(CoordinatorRecord record) {
        return record.key() instanceof LegacyOffsetCommitKey old
                ? key(old.group(), old.topic(), old.partition())
                : (OffsetCommitKey) record.key();
    }

    /** The value of a record, in today's form; empty for a tombstone. */
    static Optional<OffsetCommitValue> value(CoordinatorRecord record) {
        return record.value().map(OffsetRecords::value);
    }

    private static OffsetCommitValue value(ApiMessage value) {
        if (value instanceof LegacyOffsetCommitValue old) {
            return new OffsetCommitValue()
                    .setOffset(old.offset())
                    .setMetadata(old.metadata())
                    .setCommitTimestamp(old.commitTimestamp());
        }
        return (OffsetCommitValue) value;
    }
}
