package io.odradek.raft;

import java.util.Objects;
import javax.net.ssl.SSLContext;

/** How the connections between nodes are protected. What comes from one that is not is never looked at. */
public sealed interface TransportSecurity {
    /** Not at all: for networks that nobody else can reach. */
    record Plaintext() implements TransportSecurity {}

    /**
     * TLS 1.3, with certificates from both sides.
     *
     * @param context this node's key, and whom it trusts: everybody it trusts is taken for a node of the cluster
     */
    record Tls(SSLContext context) implements TransportSecurity {
        public Tls {
            Objects.requireNonNull(context, "context");
        }
    }
}
