package io.odradek.group;

/**
 * Who sent a request of the classic protocol.
 *
 * @param clientId from the request's header; may be empty
 * @param clientHost address of the connection, as DescribeGroups shows it
 * @param apiVersion of this very request
 */
public record ClassicCaller(String clientId, String clientHost, short apiVersion) {}
