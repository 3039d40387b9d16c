package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;

/** What one Fetch request is about, and how its response has to look. Used by one request; any thread, one at a time. */
public sealed interface FetchContext permits IncrementalFetch, NewSessionFetch, RefusedFetch, SessionlessFetch {
    /** What to read. */
    WatchedPartitions partitions();

    /**
     * The response.
     *
     * @param fetched what was read; what the client need not hear of is left out
     */
    FetchResponseData respond(List<FetchedPartition> fetched);

    /**
     * The request waits for records. The client may overtake itself, with another request in the same session: then what
     * waits is of no use any more, and in the way of what comes behind it on its connection.
     *
     * @return false if it has been overtaken already
     */
    default boolean hold(HeldFetch waiting) {
        partitions().hold(waiting);
        return true;
    }

    /** The response to a client that has used up its quota: no partitions, and the session stays as it is (KIP-219). */
    default FetchResponseData respondThrottled(int throttleTimeMs) {
        return new FetchResponseData().setThrottleTimeMs(throttleTimeMs);
    }
}
