package io.odradek.coordinator;

import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataListener;
import io.odradek.replication.LeadershipListener;
import io.odradek.replication.PartitionLeader;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;

/** The shards of one internal topic, one for each partition that this broker leads. */
public final class PartitionedRuntime<S extends CoordinatorShard>
        implements CoordinatorRuntime<S>, LeadershipListener, MetadataListener, AutoCloseable {
    private final ShardEnvironment<S> environment;
    private final InternalTopic topic;
    private final ConcurrentHashMap<Integer, ShardActor<S>> shards = new ConcurrentHashMap<>();

    /**
     * Has to be made a listener of the leaderships, and of the metadata after whoever follows it for the leaderships.
     *
     * @param topic says which partition a key belongs to
     */
    public PartitionedRuntime(ShardEnvironment<S> environment, InternalTopic topic) {
        this.environment = environment;
        this.topic = topic;
    }

    @Override
    public int partitionFor(String key) {
        return topic.partitionFor(key);
    }

    @Override
    public <T> CompletionStage<T> write(String key, Function<S, Decision<T>> operation) {
        return onShard(partitionFor(key), shard -> shard.write(operation));
    }

    @Override
    public <T> CompletionStage<T> writeTransactional(
            String key,
            long producerId,
            short producerEpoch,
            short transactionVersion,
            Function<S, Decision<T>> operation) {
        return onShard(
                partitionFor(key),
                shard -> shard.writeTransactional(producerId, producerEpoch, transactionVersion, operation));
    }

    @Override
    public <T> CompletionStage<T> read(String key, Function<S, T> operation) {
        return onShard(partitionFor(key), shard -> shard.read(operation));
    }

    @Override
    public <T> List<CompletionStage<T>> readAll(Function<S, T> operation) {
        return shards.values().stream().map(shard -> shard.read(operation)).toList();
    }

    @Override
    public CompletionStage<Void> endTransaction(
            int partition,
            long producerId,
            short producerEpoch,
            int coordinatorEpoch,
            TransactionResult result,
            short transactionVersion) {
        return onShard(
                partition,
                shard -> shard.endTransaction(producerId, producerEpoch, coordinatorEpoch, result, transactionVersion));
    }

    @Override
    public int coordinatorEpoch(String key) {
        var shard = shards.get(partitionFor(key));
        if (shard == null) {
            throw Errors.NOT_COORDINATOR.exception();
        }
        return shard.epoch();
    }

    private <T> CompletionStage<T> onShard(int partition, Function<ShardActor<S>, CompletionStage<T>> question) {
        var shard = shards.get(partition);
        return shard == null
                ? CompletableFuture.failedStage(Errors.NOT_COORDINATOR.exception())
                : question.apply(shard);
    }

    @Override
    public void led(PartitionLeader leader) {
        if (leader.id().topic().equals(topic.name())) {
            load(leader);
        }
    }

    private void load(PartitionLeader leader) {
        int partition = leader.id().partition();
        var shard = new ShardActor<>(new PartitionShardLog(leader), environment, partition, () -> environment
                .loading()
                .execute(() -> reload(leader)));
        var before = shards.put(partition, shard);
        if (before != null) {
            before.close(Errors.NOT_COORDINATOR);
        }
        shard.load(environment.loading());
    }

    /** After a failed append; if it failed because the leadership is over, there is nothing to load. */
    private synchronized void reload(PartitionLeader leader) {
        var current = shards.get(leader.id().partition());
        if (current != null && current.epoch() == leader.leaderEpoch() && leader.resignedBecause() == Errors.NONE) {
            load(leader);
        }
    }

    @Override
    public void resigned(PartitionLeader leader, Errors because) {
        if (leader.id().topic().equals(topic.name())) {
            var shard = shards.get(leader.id().partition());
            if (shard != null && shard.epoch() == leader.leaderEpoch()) {
                shards.remove(leader.id().partition(), shard);
                shard.close(Errors.NOT_COORDINATOR);
            }
        }
    }

    @Override
    public void onChange(MetadataChange change) {
        shards.values().forEach(shard -> shard.onChange(change));
    }

    /** Answers all who wait; to be called before the threads and the timer are gone. */
    @Override
    public void close() {
        shards.values().forEach(shard -> shard.close(Errors.COORDINATOR_NOT_AVAILABLE));
        shards.clear();
    }
}
