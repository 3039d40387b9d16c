package io.odradek.group.consumer;

/**
 * Who sent a ConsumerGroupHeartbeat.
 *
 * @param clientId from the request's header; may be empty
 * @param clientHost address of the connection, as ConsumerGroupDescribe shows it
 */
public record ConsumerCaller(String clientId, String clientHost) {}
