package io.odradek.api.fetch;

import org.apache.kafka.common.protocol.Errors;

/**
 * A partition of a fetch, once it is known whether the client may read it.
 *
 * @param topic the topic's name
 * @param refusal why it is not even tried to be read; {@link Errors#NONE} if it is
 */
public record PlannedPartition(FetchTarget target, String topic, Errors refusal) {
    boolean readable() {
        return refusal == Errors.NONE;
    }
}
