package io.odradek.metadata;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;

/**
 * What became of a command.
 *
 * @param <R> the value of one that was applied
 */
public sealed interface Result<R> {
    record Ok<R>(R value) implements Result<R> {}

    /** The command was refused and changed nothing. */
    record Failed<R>(Errors error, String message) implements Result<R> {
        public ApiException exception() {
            return error.exception(message);
        }
    }

    /** @throws ApiException that the command was refused with */
    default R orThrow() {
        if (this instanceof Failed<R> failed) {
            throw failed.exception();
        }
        return ((Ok<R>) this).value();
    }
}
