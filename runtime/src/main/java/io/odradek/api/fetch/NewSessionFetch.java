package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;

/** A full fetch that asks for a session; it gets one if there is room. */
record NewSessionFetch(FetchSessions sessions, List<FetchTarget> targets, boolean usesTopicIds, boolean fromFollower)
        implements FetchContext {
    @Override
    public FetchResponseData respond(List<PartitionData> answers) {
        return FetchResponseAssembler.all(targets, answers)
                .setSessionId(sessions.create(targets, answers, usesTopicIds, fromFollower));
    }
}
