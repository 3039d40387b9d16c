package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;

/** A fetch that stands alone, as all did before KIP-227. */
record SessionlessFetch(List<FetchTarget> targets) implements FetchContext {
    @Override
    public FetchResponseData respond(List<PartitionData> answers) {
        return FetchResponseAssembler.all(targets, answers);
    }
}
