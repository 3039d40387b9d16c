package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;

/** The session that the request wants to go on with is gone or elsewhere; the client starts a new one. */
record RefusedFetch(Errors error, WatchedPartitions partitions) implements FetchContext {
    RefusedFetch(Errors error) {
        this(error, WatchedPartitions.once(List.of()));
    }

    @Override
    public FetchResponseData respond(List<FetchedPartition> fetched) {
        return new FetchResponseData().setErrorCode(error.code());
    }
}
