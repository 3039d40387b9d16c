package io.odradek.api;

import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.errors.InvalidRequestException;

/** The isolation level that a request asks for by number. */
final class RequestedIsolation {
    private RequestedIsolation() {}

    /** @throws InvalidRequestException there is no such level; Apache Kafka says UNKNOWN_SERVER_ERROR */
    static IsolationLevel of(byte id) {
        for (var level : IsolationLevel.values()) {
            if (level.id() == id) {
                return level;
            }
        }
        throw new InvalidRequestException("Unknown isolation level " + id);
    }
}
