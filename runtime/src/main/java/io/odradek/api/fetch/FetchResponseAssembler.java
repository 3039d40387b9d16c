package io.odradek.api.fetch;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;

/** Puts partitions into a response in the order they come: neighbours of the same topic share an entry. */
final class FetchResponseAssembler {
    private final FetchResponseData response = new FetchResponseData();
    private FetchableTopicResponse current;

    static FetchResponseData all(List<FetchedPartition> fetched) {
        var assembler = new FetchResponseAssembler();
        for (var each : fetched) {
            assembler.add(each.target(), each.answer());
        }
        return assembler.response();
    }

    void add(FetchTarget target, PartitionData answer) {
        if (current == null
                || !current.topicId().equals(target.topicId())
                || !current.topic().equals(target.topic())) {
            current = new FetchableTopicResponse()
                    .setTopic(target.topic())
                    .setTopicId(target.topicId())
                    .setPartitions(new ArrayList<>());
            response.responses().add(current);
        }
        current.partitions().add(answer);
    }

    FetchResponseData response() {
        return response;
    }
}
