package io.odradek.replication;

import java.util.function.BiConsumer;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * A connection to another broker for the fetches of followers here. Connects when it is first needed, and anew after a
 * failure.
 */
public interface LeaderConnection extends AutoCloseable {
    /**
     * Sends a request; only one may be under way at a time.
     *
     * @param handler is called once, with a response or else with why there is none, by any thread, also before this
     *     method returns. May send the next request; must not wait for anything but a write to the page cache. The
     *     records of the response are views of memory that is used again as soon as the handler returns
     */
    void fetch(FetchRequest.Builder request, BiConsumer<FetchResponse, Throwable> handler);

    /** Fails what is under way. Idempotent; never waits. */
    @Override
    void close();
}
