package io.odradek.transaction;

import org.apache.kafka.common.protocol.Errors;

/** What became of an operation on a shard that may have to come back with a new producer id. */
sealed interface Outcome<T> {
    record Done<T>(T value) implements Outcome<T> {}

    /** Nothing was written: the operation is to be run again with an id that nobody has. */
    record NeedsProducerId<T>() implements Outcome<T> {}

    /** An error for the client, although something was written. */
    record Refused<T>(Errors error) implements Outcome<T> {}

    static <T> Outcome<T> done(T value) {
        return new Done<>(value);
    }
}
