package io.odradek.api.fetch;

import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;

/** What one Fetch request is about, and how its response has to look. Used by one request; any thread, one at a time. */
public sealed interface FetchContext permits IncrementalFetch, NewSessionFetch, RefusedFetch, SessionlessFetch {
    /** The partitions to read, in the order in which they should be served. */
    List<FetchTarget> targets();

    /**
     * The response.
     *
     * @param answers one for each of {@link #targets()}, in their order; those that the client need not hear of are left out
     */
    FetchResponseData respond(List<PartitionData> answers);

    /**
     * A follower waits for records. It may overtake itself, with another request in the same session: then what waits is of
     * no use any more, and in the way of what comes behind it on its connection.
     *
     * @param action ends the waiting; called at most once, by any thread, at once if it has been overtaken already
     */
    default void whenOvertaken(Runnable action) {}

    /** The response to a client that has used up its quota: no partitions, and the session stays as it is (KIP-219). */
    default FetchResponseData respondThrottled(int throttleTimeMs) {
        return new FetchResponseData().setThrottleTimeMs(throttleTimeMs);
    }
}
