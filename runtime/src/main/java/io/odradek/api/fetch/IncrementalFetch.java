package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * A fetch within a session: asks for all partitions of the session, and hears only of those with news.
 *
 * @param epoch the session's epoch once this request had been accepted; if it has moved on until the response, the
 *     client has sent something else meanwhile and must not get both answers
 */
record IncrementalFetch(FetchSession session, int epoch) implements FetchContext {
    @Override
    public WatchedPartitions partitions() {
        return session.partitions();
    }

    @Override
    public FetchResponseData respond(List<FetchedPartition> fetched) {
        synchronized (session) {
            return session.epoch() == epoch ? partitions().tell(fetched).setSessionId(session.id()) : outdated();
        }
    }

    @Override
    public boolean hold(HeldFetch waiting) {
        synchronized (session) {
            if (session.epoch() != epoch) {
                return false;
            }
            partitions().hold(waiting);
            return true;
        }
    }

    @Override
    public FetchResponseData respondThrottled(int throttleTimeMs) {
        synchronized (session) {
            var response = session.epoch() == epoch ? new FetchResponseData().setSessionId(session.id()) : outdated();
            return response.setThrottleTimeMs(throttleTimeMs);
        }
    }

    private FetchResponseData outdated() {
        return new FetchResponseData()
                .setErrorCode(Errors.INVALID_FETCH_SESSION_EPOCH.code())
                .setSessionId(session.id());
    }
}
