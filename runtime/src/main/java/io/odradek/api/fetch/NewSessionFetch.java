package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.requests.FetchMetadata;

/** A full fetch that asks for a session; it gets one if there is room. */
record NewSessionFetch(FetchSessions sessions, WatchedPartitions partitions, boolean usesTopicIds, boolean fromFollower)
        implements FetchContext {
    @Override
    public FetchResponseData respond(List<FetchedPartition> fetched) {
        var all = FetchResponseAssembler.all(fetched);
        partitions.tell(fetched);
        int id = sessions.create(partitions, usesTopicIds, fromFollower);
        if (id == FetchMetadata.INVALID_SESSION_ID) {
            partitions.close();
        }
        return all.setSessionId(id);
    }

    @Override
    public FetchResponseData respondThrottled(int throttleTimeMs) {
        partitions.close();
        return FetchContext.super.respondThrottled(throttleTimeMs);
    }
}
