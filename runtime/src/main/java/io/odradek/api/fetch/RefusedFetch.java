package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/** The session that the request wants to go on with is gone or elsewhere; the client starts a new one. */
record RefusedFetch(Errors error) implements FetchContext {
    @Override
    public List<FetchTarget> targets() {
        return List.of();
    }

    @Override
    public FetchResponseData respond(List<PartitionData> answers) {
        return new FetchResponseData().setErrorCode(error.code());
    }
}
