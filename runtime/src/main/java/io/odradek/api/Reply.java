package io.odradek.api;

import java.util.Optional;
import org.apache.kafka.common.requests.AbstractResponse;

/** What a handler wants done with the connection once it has decided. */
public sealed interface Reply {
    /**
     * Send this response.
     *
     * @param complaint what the client did that it must not do, for whoever looks at the log: one line for a connection
     */
    record Respond(AbstractResponse response, Optional<String> complaint) implements Reply {
        public Respond(AbstractResponse response) {
            this(response, Optional.empty());
        }
    }

    /**
     * Send nothing: a produce with {@code acks=0} that succeeded.
     *
     * @param throttleTimeMs how long the connection's next requests wait, since no response can carry it
     */
    record Silent(int throttleTimeMs) implements Reply {
        public Silent() {
            this(0);
        }
    }

    /** Close the connection: the protocol has no other way to tell this client that its request failed. */
    record Disconnect(String reason) implements Reply {}

    static Reply of(AbstractResponse response) {
        return new Respond(response);
    }
}
