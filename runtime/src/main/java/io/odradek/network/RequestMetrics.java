package io.odradek.network;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;

/**
 * Told of what passes through the network layer. Called on event loops, by several at once: must be thread safe, cheap
 * and must not throw.
 */
public interface RequestMetrics {
    RequestMetrics NONE = new RequestMetrics() {};

    default void connectionOpened(String listener) {}

    default void connectionClosed(String listener) {}

    /** A connection that was not let in, or that the broker closed before its time. */
    default void connectionRefused(String listener, Refusal reason) {}

    /**
     * The response was handed to the socket. Its {@link AbstractResponse#errorCounts()} may still be read, its records
     * may not.
     *
     * @param nanos from the frame's last byte to here: the handler, and the wait for earlier responses
     */
    default void answered(ApiKeys api, AbstractResponse response, long nanos, int requestBytes, long responseBytes) {}

    /** A request that gets no response: a produce with {@code acks=0}. */
    default void silent(ApiKeys api, long nanos, int requestBytes) {}

    /** A handler decided to disconnect. */
    default void disconnected(ApiKeys api) {}

    /** Why a connection was refused. */
    enum Refusal {
        PER_IP_LIMIT,
        HANDSHAKE_FAILED,
        IDENTITY_REFUSED,
        INVALID_REQUEST,
        UNSUPPORTED_VERSION,
        IDLE,
        STALLED_REQUEST
    }
}
