package io.odradek.checker;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * One thing that a process did or saw.
 *
 * @param process who; one process does one operation after the other, and owns its transactional id over restarts
 * @param atNs when, by a clock that all processes share
 */
record Event(String process, long atNs, What what) {

    /** What an operation is for. */
    enum Activity {
        /** Sends, polls and offsets of one transaction. */
        TRANSACTION,
        /** Polls outside of a transaction, perhaps with a commit of offsets. */
        POLL
    }

    /** How an operation ended. */
    enum Outcome {
        /** It is done for certain. */
        OK,
        /** It is not done and never will be. */
        FAIL,
        /** Nobody knows. */
        INFO
    }

    sealed interface What {}

    /** The process starts (again) with clients that remember nothing. */
    record Open() implements What {}

    record Invoke(Activity activity) implements What {}

    /** A record is handed to the producer. */
    record Send(TopicPartition log, long value) implements What {}

    /** The producer says where the record is. May come after its operation was given up. */
    record Acknowledge(TopicPartition log, long value, long offset) implements What {}

    record Poll(TopicPartition log, List<Read> reads) implements What {}

    /**
     * The group gave partitions to this consumer, or it asked anew for the group's positions.
     *
     * @param sinceNs when the asking began
     */
    record Assign(String group, long sinceNs, Map<TopicPartition, Long> positions) implements What {}

    /** The consumer chose its positions itself. */
    record Seek(Map<TopicPartition, Long> positions) implements What {}

    record Revoke(Set<TopicPartition> logs) implements What {}

    /** These positions are handed over for the group: with the transaction, or at once outside of one. */
    record Offsets(String group, Map<TopicPartition, Long> positions) implements What {}

    /** The transaction's commit is about to be asked for: before this nobody may see anything of it. */
    record Commit() implements What {}

    record Complete(Outcome outcome) implements What {}

    /** A reader has read all there is, after every client was gone. */
    record End(TopicPartition log, long lastStableOffset, long highWatermark) implements What {}

    record Read(long offset, long value) {}
}
