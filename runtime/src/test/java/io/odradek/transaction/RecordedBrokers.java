package io.odradek.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

/** Other brokers that are asked and answer when a test says so. */
final class RecordedBrokers implements BrokerRequests {
    record Asked(int broker, AbstractRequest request, CompletableFuture<AbstractResponse> answer) {}

    final List<Asked> asked = new ArrayList<>();

    @Override
    public CompletionStage<AbstractResponse> send(int broker, AbstractRequest.Builder<?> request) {
        var one = new Asked(broker, request.build(), new CompletableFuture<>());
        asked.add(one);
        return one.answer();
    }

    /** Those that have no answer yet. */
    List<Asked> open() {
        return asked.stream().filter(a -> !a.answer().isDone()).toList();
    }

    /** The only one that has no answer yet. */
    Asked onlyOpen(ApiKeys api) {
        var open = open();
        if (open.size() != 1 || open.get(0).request().apiKey() != api) {
            throw new AssertionError(open);
        }
        return open.get(0);
    }
}
