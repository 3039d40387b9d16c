package io.odradek.coordinator;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;

/** What went wrong with an internal topic's partition, as a coordinator's client understands it. As in Kafka. */
final class WriteErrors {
    private WriteErrors() {}

    static ApiException ofCoordinator(ApiException e) {
        return switch (Errors.forException(e)) {
            case UNKNOWN_TOPIC_OR_PARTITION, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT ->
                Errors.COORDINATOR_NOT_AVAILABLE.exception();
            case NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR -> Errors.NOT_COORDINATOR.exception();
            case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE -> Errors.UNKNOWN_SERVER_ERROR.exception(e.getMessage());
            default -> e;
        };
    }
}
