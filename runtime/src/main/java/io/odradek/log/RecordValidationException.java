package io.odradek.log;

import java.util.List;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.requests.ProduceResponse.RecordError;

/**
 * A batch is refused because of some of its records. A produce response carries both the error of the batch and, since
 * version 8 (KIP-467), which records were at fault.
 */
public final class RecordValidationException extends RuntimeException {
    private final transient ApiException error;
    private final transient List<RecordError> recordErrors;

    RecordValidationException(ApiException error, List<RecordError> recordErrors) {
        // The cause says it all, and a client's mistake is no news worth a stack trace.
        super(error.getMessage(), error, false, false);
        this.error = error;
        this.recordErrors = List.copyOf(recordErrors);
    }

    /** The error of the whole batch: {@code INVALID_RECORD} or {@code INVALID_TIMESTAMP}. */
    public ApiException error() {
        return error;
    }

    /** The records at fault by their index in the batch, at most {@value RecordChecks#MAX_RECORD_ERRORS}. */
    public List<RecordError> recordErrors() {
        return recordErrors;
    }
}
