package io.odradek.coordinator;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.requests.TransactionResult;

/**
 * The shards of one internal topic on this broker: one for each partition that it leads. Follows the leadership: loads a
 * shard from the log when the broker comes to lead the partition, drops it when that ends.
 *
 * <p>All stages fail with a Kafka {@link org.apache.kafka.common.errors.ApiException}: NOT_COORDINATOR (another broker
 * leads the partition), COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE (cannot write for now, or the commit took
 * too long), or what the operation itself threw; an operation that throws has written nothing. Thread-safe; stages may
 * complete on any thread, which must not be blocked.
 */
public interface CoordinatorRuntime<S extends CoordinatorShard> {
    /** The partition that a group or transactional id belongs to. As in Kafka: its hash modulo the partitions. */
    int partitionFor(String key);

    /** Runs an operation on the shard of {@code key}, appends its records, and answers when they are committed. */
    <T> CompletionStage<T> write(String key, Function<S, Decision<T>> operation);

    /** As {@link #write}, with the records in a batch of the producer's open transaction. */
    <T> CompletionStage<T> writeTransactional(
            String key,
            long producerId,
            short producerEpoch,
            short transactionVersion,
            Function<S, Decision<T>> operation);

    /** Answers when all is committed that the operation may have seen. The operation changes nothing. */
    <T> CompletionStage<T> read(String key, Function<S, T> operation);

    /** As {@link #read} on every shard of this broker; shards that are loading fail. */
    <T> List<CompletionStage<T>> readAll(Function<S, T> operation);

    /**
     * Appends the marker that ends a producer's transaction in one partition, and completes once it is committed.
     *
     * @throws org.apache.kafka.common.errors.ApiException as the stage's failure, also where the producer's epoch is fenced
     */
    CompletionStage<Void> endTransaction(
            int partition,
            long producerId,
            short producerEpoch,
            int coordinatorEpoch,
            TransactionResult result,
            short transactionVersion);

    /** The leader epoch of the shard's partition, which is the coordinator's epoch; fails where there is no shard. */
    int coordinatorEpoch(String key);
}
