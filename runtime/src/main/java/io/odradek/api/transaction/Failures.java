package io.odradek.api.transaction;

import org.apache.kafka.common.protocol.Errors;

/** What a client is told of a stage of the coordinator that failed. */
final class Failures {
    private Failures() {}

    /** @param failure null for none */
    static Errors error(Throwable failure) {
        if (failure == null) {
            return Errors.NONE;
        }
        return Errors.forException(failure);
    }

    /** Older clients do not know PRODUCER_FENCED. */
    static Errors forVersion(Errors error, short version, int firstWithProducerFenced) {
        return error == Errors.PRODUCER_FENCED && version < firstWithProducerFenced
                ? Errors.INVALID_PRODUCER_EPOCH
                : error;
    }
}
