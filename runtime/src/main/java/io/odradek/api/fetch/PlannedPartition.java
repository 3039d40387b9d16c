package io.odradek.api.fetch;

import org.apache.kafka.common.protocol.Errors;

/**
 * A partition of a fetch, once it is known whether the client may read it.
 *
 * @param target what is asked of it
 * @param topic the topic's name
 * @param refusal why it is not even tried to be read; {@link Errors#NONE} if it is
 */
public record PlannedPartition(WatchedPartition partition, FetchTarget target, String topic, Errors refusal) {
    boolean readable() {
        return refusal == Errors.NONE;
    }

    static boolean anyReadable(Iterable<PlannedPartition> plan) {
        for (var planned : plan) {
            if (planned.readable()) {
                return true;
            }
        }
        return false;
    }
}
