package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;

/** A fetch that stands alone, as all did before KIP-227. */
record SessionlessFetch(WatchedPartitions partitions) implements FetchContext {
    @Override
    public FetchResponseData respond(List<FetchedPartition> fetched) {
        partitions.close();
        return FetchResponseAssembler.all(fetched);
    }

    @Override
    public FetchResponseData respondThrottled(int throttleTimeMs) {
        partitions.close();
        return FetchContext.super.respondThrottled(throttleTimeMs);
    }
}
