package io.odradek.transaction;

import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

/** Sends requests to other brokers. Thread-safe. */
@FunctionalInterface
public interface BrokerRequests {
    /**
     * @param broker its id
     * @return fails with Kafka's {@link org.apache.kafka.common.errors.ApiException}s: the broker cannot be reached, went
     *     away before it answered, took too long, or does not know the request. Must complete some time; it may do so on a
     *     thread that must not be blocked
     */
    CompletionStage<AbstractResponse> send(int broker, AbstractRequest.Builder<?> request);
}
