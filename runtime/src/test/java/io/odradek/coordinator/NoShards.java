package io.odradek.coordinator;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;

/** A broker that leads no partition of an internal topic. */
public final class NoShards<S extends CoordinatorShard> implements CoordinatorRuntime<S> {
    @Override
    public int partitionFor(String key) {
        return 0;
    }

    @Override
    public <T> CompletionStage<T> write(String key, Function<S, Decision<T>> operation) {
        return none();
    }

    @Override
    public <T> CompletionStage<T> writeTransactional(
            String key,
            long producerId,
            short producerEpoch,
            short transactionVersion,
            Function<S, Decision<T>> operation) {
        return none();
    }

    @Override
    public <T> CompletionStage<T> read(String key, Function<S, T> operation) {
        return none();
    }

    @Override
    public <T> List<CompletionStage<T>> readAll(Function<S, T> operation) {
        return List.of();
    }

    @Override
    public CompletionStage<Void> endTransaction(
            int partition,
            long producerId,
            short producerEpoch,
            int coordinatorEpoch,
            TransactionResult result,
            short transactionVersion) {
        return none();
    }

    @Override
    public int coordinatorEpoch(String key) {
        throw Errors.NOT_COORDINATOR.exception();
    }

    private static <T> CompletionStage<T> none() {
        return CompletableFuture.failedStage(Errors.NOT_COORDINATOR.exception());
    }
}
