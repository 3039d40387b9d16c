package io.odradek.transaction;

import io.odradek.config.BrokerConfig;
import io.odradek.config.TransactionSettings;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardDriver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.utils.ProducerIdAndEpoch;

/** A shard with what is around it in a broker: producer ids, markers that wait until a test has them written. */
final class TransactionWorld {
    static final int TIMEOUT_MS = 60_000;
    static final short V0 = 0;
    static final short V2 = 2;

    final ShardDriver<TransactionShard> driver;
    /** Asked for, in order; a test takes them away. */
    final Deque<PreparedTransaction> markers = new ArrayDeque<>();

    private static final TransactionSettings SETTINGS = BrokerConfig.of(
                    Map.of("node.id", "1", "log.dirs", "data", "listeners", "PLAINTEXT://localhost:9092"))
            .transactions();

    private final List<Runnable> timedOut = new ArrayList<>();
    short level = 2;
    private long nextProducerId = 1000;

    TransactionWorld() {
        driver = new ShardDriver<>(
                new TransactionRecordTypes(),
                context -> new TransactionShard(context, () -> SETTINGS, () -> level, new Recorder()));
    }

    private final class Recorder implements FollowUps {
        @Override
        public void sendMarkers(PreparedTransaction transaction) {
            markers.add(transaction);
        }

        @Override
        public void abortTimedOut(String transactionalId, long producerId) {
            timedOut.add(() -> run((shard, id) -> shard.abortTimedOut(transactionalId, producerId, id)));
        }
    }

    static Set<TopicPartition> partitions(String... names) {
        return Stream.of(names)
                .map(n -> new TopicPartition(n.split("-")[0], Integer.parseInt(n.split("-")[1])))
                .collect(Collectors.toSet());
    }

    private <T> T run(BiFunction<TransactionShard, OptionalLong, Decision<Outcome<T>>> operation) {
        var outcome = driver.write(shard -> operation.apply(shard, OptionalLong.empty()));
        if (outcome instanceof Outcome.NeedsProducerId) {
            long id = nextProducerId++;
            outcome = driver.write(shard -> operation.apply(shard, OptionalLong.of(id)));
        }
        if (outcome instanceof Outcome.Refused<T> refused) {
            throw refused.error().exception();
        }
        return ((Outcome.Done<T>) outcome).value();
    }

    ProducerIdAndEpoch init(String id) {
        return run((shard, fresh) -> shard.initProducerId(id, TIMEOUT_MS, Optional.empty(), fresh));
    }

    ProducerIdAndEpoch init(String id, ProducerIdAndEpoch expected) {
        return run((shard, fresh) -> shard.initProducerId(id, TIMEOUT_MS, Optional.of(expected), fresh));
    }

    void add(String id, ProducerIdAndEpoch producer, short version, String... partitions) {
        driver.write(
                shard -> shard.addPartitions(id, producer.producerId, producer.epoch, partitions(partitions), version));
    }

    ProducerIdAndEpoch end(String id, ProducerIdAndEpoch producer, TransactionResult result, short version) {
        return run((shard, fresh) ->
                shard.endTransaction(id, producer.producerId, producer.epoch, result, version, fresh));
    }

    ProducerIdAndEpoch commit(String id, ProducerIdAndEpoch producer, short version) {
        return end(id, producer, TransactionResult.COMMIT, version);
    }

    ProducerIdAndEpoch abort(String id, ProducerIdAndEpoch producer, short version) {
        return end(id, producer, TransactionResult.ABORT, version);
    }

    /** The markers that were asked for are written, and the transactions complete. */
    void writeMarkers() {
        for (var next = markers.poll(); next != null; next = markers.poll()) {
            var done = next;
            if (done.inCharge().getAsBoolean()) {
                driver.write(shard -> shard.complete(done));
            }
        }
    }

    /** Lets time pass; what times out is aborted. */
    void advance(long ms) {
        driver.advance(ms);
        var due = List.copyOf(timedOut);
        timedOut.clear();
        due.forEach(Runnable::run);
    }

    Transaction state(String id) {
        return driver.read(shard -> shard.describe(id)).orElseThrow();
    }

    static Errors error(Runnable operation) {
        try {
            operation.run();
            return Errors.NONE;
        } catch (ApiException e) {
            return Errors.forException(e);
        }
    }
}
