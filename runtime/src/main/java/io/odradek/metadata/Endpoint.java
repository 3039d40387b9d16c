package io.odradek.metadata;

import org.apache.kafka.common.security.auth.SecurityProtocol;

/** Where a broker is reached over one of its listeners. */
public record Endpoint(String listener, String host, int port, SecurityProtocol securityProtocol) {}
