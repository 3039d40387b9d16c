package io.odradek.group;

import io.odradek.group.message.OffsetCommitValue;
import org.apache.kafka.common.Uuid;

/**
 * An offset as it was committed. There may be millions of them: no field is an object that others could share.
 *
 * @param order of the commit among all of the shard's: log offsets differ after each compaction, this does not
 * @param leaderEpoch of the last record that was read; -1 if the client did not say
 * @param metadata what the client wanted kept with it
 * @param commitTimestampMs wall clock of the coordinator
 * @param expireTimestampMs wall clock; -1 as long as the broker's retention decides (all but the oldest clients)
 * @param topicId zero if the commit did not say, as in transactions and in records of old
 */
record CommittedOffset(
        long order,
        long offset,
        int leaderEpoch,
        String metadata,
        long commitTimestampMs,
        long expireTimestampMs,
        Uuid topicId) {
    static final long NO_EXPIRE_TIMESTAMP = -1;

    static CommittedOffset of(OffsetCommitValue value, Uuid topicId, long order) {
        return new CommittedOffset(
                order,
                value.offset(),
                value.leaderEpoch(),
                value.metadata().isEmpty() ? "" : value.metadata(),
                value.commitTimestamp(),
                value.expireTimestamp(),
                topicId);
    }

    /** Whether it is an offset of the topic that has this id now. Where either id is not known, the name decides. */
    boolean isOf(Uuid topic) {
        return topicId.equals(Uuid.ZERO_UUID) || topic.equals(Uuid.ZERO_UUID) || topicId.equals(topic);
    }

    boolean hasExpired(OffsetExpiration since, long nowMs, long retentionMs) {
        if (expireTimestampMs != NO_EXPIRE_TIMESTAMP) {
            return nowMs >= expireTimestampMs;
        }
        long sinceMs = since instanceof OffsetExpiration.SinceEmpty empty ? empty.timestampMs() : commitTimestampMs;
        return nowMs - sinceMs >= retentionMs;
    }
}
