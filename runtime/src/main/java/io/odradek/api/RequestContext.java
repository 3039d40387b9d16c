package io.odradek.api;

import io.odradek.security.ClientIdentity;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * Who asks, over which connection, and what the request's header says. One per request.
 *
 * @param client the connection's identity: principal, tenant, listener, address; decided when the connection
 *     authenticated and the same for all its requests
 * @param header API key, version, client id and correlation id
 * @param receivedNanos {@link System#nanoTime()} when the whole frame had arrived
 * @param abandonment for those who wait: tells when the client has gone
 */
public record RequestContext(ClientIdentity client, RequestHeader header, long receivedNanos, Abandonment abandonment) {
    /** Of a client that stays. */
    public RequestContext(ClientIdentity client, RequestHeader header, long receivedNanos) {
        this(client, header, receivedNanos, new Abandonment());
    }

    public short apiVersion() {
        return header.apiVersion();
    }

    public String clientId() {
        return header.clientId();
    }
}
