package io.odradek.coordinator;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.requests.TransactionResult;

/** A runtime whose only shard is that of a {@link ShardDriver}: for handlers under test. */
public final class DrivenRuntime<S extends CoordinatorShard> implements CoordinatorRuntime<S> {
    private final ShardDriver<S> driver;

    public DrivenRuntime(ShardDriver<S> driver) {
        this.driver = driver;
    }

    @Override
    public int partitionFor(String key) {
        return 0;
    }

    @Override
    public <T> CompletionStage<T> write(String key, Function<S, Decision<T>> operation) {
        return stage(() -> driver.write(operation));
    }

    @Override
    public <T> CompletionStage<T> writeTransactional(
            String key,
            long producerId,
            short producerEpoch,
            short transactionVersion,
            Function<S, Decision<T>> operation) {
        return stage(() -> driver.writeTransactional(producerId, producerEpoch, operation));
    }

    @Override
    public <T> CompletionStage<T> read(String key, Function<S, T> operation) {
        return stage(() -> driver.read(operation));
    }

    @Override
    public <T> List<CompletionStage<T>> readAll(Function<S, T> operation) {
        return List.of(read("", operation));
    }

    @Override
    public CompletionStage<Void> endTransaction(
            int partition,
            long producerId,
            short producerEpoch,
            int coordinatorEpoch,
            TransactionResult result,
            short transactionVersion) {
        driver.endTransaction(producerId, producerEpoch, result);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public int coordinatorEpoch(String key) {
        return 0;
    }

    private static <T> CompletionStage<T> stage(Supplier<T> operation) {
        try {
            return CompletableFuture.completedStage(operation.get());
        } catch (ApiException e) {
            return CompletableFuture.failedStage(e);
        }
    }
}
