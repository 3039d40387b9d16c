package io.odradek.transaction;

import io.odradek.config.TransactionSettings;
import io.odradek.coordinator.CoordinatorRuntime;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.RecordTypes;
import io.odradek.coordinator.ShardContext;
import io.odradek.metadata.MetadataImage;
import io.odradek.replication.Timer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.utils.ProducerIdAndEpoch;
import org.jboss.logging.Logger;

/**
 * The transactions that this broker coordinates. Thread-safe. Stages fail with Kafka's errors: those of
 * {@link CoordinatorRuntime}, and those that each operation names.
 */
public final class TransactionCoordinator {
    private static final Logger LOG = Logger.getLogger(TransactionCoordinator.class);

    private final CoordinatorRuntime<TransactionShard> shards;
    private final Supplier<CompletionStage<Long>> producerIds;
    private final Supplier<TransactionSettings> settings;

    /**
     * @param runtime makes the runtime of the shards from their factory; it must not load one before this constructor is
     *     through
     * @param settings as they are now
     * @param producerIds gives out ids that nobody has
     * @param brokers how to write markers on a broker, by its id; empty if there is no way
     */
    public TransactionCoordinator(
            Function<Function<ShardContext, TransactionShard>, CoordinatorRuntime<TransactionShard>> runtime,
            Supplier<TransactionSettings> settings,
            Supplier<MetadataImage> metadata,
            Supplier<CompletionStage<Long>> producerIds,
            IntFunction<Optional<MarkerDestination>> brokers,
            Timer timer) {
        this.settings = settings;
        this.producerIds = producerIds;
        var followUps = new Later();
        this.shards = runtime.apply(context ->
                new TransactionShard(context, settings, () -> TransactionVersion.of(metadata.get()), followUps));
        followUps.markers = new MarkerSender(shards, metadata, brokers, timer);
    }

    /** What {@code __transaction_state} holds. */
    public static RecordTypes recordTypes() {
        return new TransactionRecordTypes();
    }

    private final class Later implements FollowUps {
        /** Written before any shard is loaded. */
        private volatile MarkerSender markers;

        @Override
        public void sendMarkers(PreparedTransaction transaction) {
            markers.send(transaction);
        }

        @Override
        public void abortTimedOut(String transactionalId, long producerId) {
            withProducerId(transactionalId, (shard, id) -> shard.abortTimedOut(transactionalId, producerId, id))
                    .whenComplete((aborted, failure) -> {
                        if (failure != null) {
                            // The next look at the clock finds it again.
                            LOG.debugf("Transaction of %s could not be aborted yet: %s", transactionalId, failure);
                        } else if (aborted) {
                            LOG.infof("Aborted a transaction of transactional id %s that timed out", transactionalId);
                        }
                    });
        }
    }

    /** The partition of {@code __transaction_state} that a transactional id belongs to. */
    public int partitionFor(String transactionalId) {
        return shards.partitionFor(transactionalId);
    }

    /**
     * Registers a producer under its transactional id; whoever had it before is fenced, and its transaction aborted.
     *
     * <p>Fails with INVALID_REQUEST (an empty id), INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED (somebody else has the id),
     * CONCURRENT_TRANSACTIONS (a transaction is still ending: to be tried again),
     * TRANSACTIONAL_ID_AUTHORIZATION_FAILED and UNSUPPORTED_VERSION where two-phase commit is not to be had, as in Kafka.
     *
     * @param expected who the producer has been until now
     * @param twoPhaseCommit the transactions never time out (KIP-939)
     * @param keepPreparedTransaction not supported yet by Kafka either
     */
    public CompletionStage<ProducerIdAndEpoch> initProducerId(
            String transactionalId,
            int timeoutMs,
            boolean twoPhaseCommit,
            boolean keepPreparedTransaction,
            Optional<ProducerIdAndEpoch> expected) {
        var current = settings.get();
        if (transactionalId.isEmpty()) {
            return failed(Errors.INVALID_REQUEST);
        }
        if (twoPhaseCommit && !current.twoPhaseCommitEnable()) {
            return failed(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        }
        if (keepPreparedTransaction) {
            return failed(Errors.UNSUPPORTED_VERSION);
        }
        if (!twoPhaseCommit && (timeoutMs <= 0 || timeoutMs > current.maxTimeoutMs())) {
            return failed(Errors.INVALID_TRANSACTION_TIMEOUT);
        }
        int effectiveTimeoutMs = twoPhaseCommit ? Transaction.NO_TIMEOUT_MS : timeoutMs;
        return withProducerId(
                transactionalId,
                (shard, id) -> shard.initProducerId(transactionalId, effectiveTimeoutMs, expected, id));
    }

    /**
     * Adds partitions to a producer's transaction, and begins it if it is not open.
     *
     * <p>Fails with INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS (the one before
     * is still ending: to be tried again).
     */
    public CompletionStage<Void> addPartitions(
            String transactionalId,
            long producerId,
            short producerEpoch,
            Collection<TopicPartition> partitions,
            short clientVersion) {
        if (transactionalId.isEmpty()) {
            return failed(Errors.INVALID_REQUEST);
        }
        return shards.write(
                transactionalId,
                shard -> shard.addPartitions(transactionalId, producerId, producerEpoch, partitions, clientVersion));
    }

    /**
     * Whether partitions are in a producer's transaction: for each NONE or TRANSACTION_ABORTABLE. Fails as
     * {@link #addPartitions}.
     */
    public CompletionStage<Map<TopicPartition, Errors>> verifyPartitions(
            String transactionalId, long producerId, short producerEpoch, Collection<TopicPartition> partitions) {
        if (transactionalId.isEmpty()) {
            return failed(Errors.INVALID_REQUEST);
        }
        return shards.read(
                transactionalId,
                shard -> shard.verifyPartitions(transactionalId, producerId, producerEpoch, partitions));
    }

    /**
     * Commits or aborts. Completes when the outcome cannot change any more; the partitions are told soon.
     *
     * <p>Fails with INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, INVALID_TXN_STATE,
     * CONCURRENT_TRANSACTIONS.
     *
     * @return who the producer is in its next transaction; {@link ProducerIdAndEpoch#NONE} for client versions below 2
     */
    public CompletionStage<ProducerIdAndEpoch> endTransaction(
            String transactionalId,
            long producerId,
            short producerEpoch,
            TransactionResult result,
            short clientVersion) {
        if (transactionalId.isEmpty()) {
            return failed(Errors.INVALID_REQUEST);
        }
        return withProducerId(
                transactionalId,
                (shard, id) ->
                        shard.endTransaction(transactionalId, producerId, producerEpoch, result, clientVersion, id));
    }

    /** Fails with INVALID_REQUEST and TRANSACTIONAL_ID_NOT_FOUND. */
    public CompletionStage<Transaction> describe(String transactionalId) {
        if (transactionalId.isEmpty()) {
            return failed(Errors.INVALID_REQUEST);
        }
        return shards.read(transactionalId, shard -> shard.describe(transactionalId)
                .orElseThrow(Errors.TRANSACTIONAL_ID_NOT_FOUND::exception));
    }

    /** All that this broker coordinates. Fails with COORDINATOR_LOAD_IN_PROGRESS if that is not known yet. */
    public CompletionStage<List<TransactionListing>> list(TransactionFilter filter) {
        var parts = shards.readAll(shard -> shard.list(filter)).stream()
                .map(CompletionStage::toCompletableFuture)
                .toList();
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).thenApply(done -> {
            var all = new ArrayList<TransactionListing>();
            parts.forEach(part -> all.addAll(part.join()));
            return all;
        });
    }

    /** Runs an operation that may find only then that it needs a producer id. */
    private <T> CompletionStage<T> withProducerId(
            String transactionalId, BiFunction<TransactionShard, OptionalLong, Decision<Outcome<T>>> operation) {
        return shards.write(transactionalId, shard -> operation.apply(shard, OptionalLong.empty()))
                .thenCompose(outcome -> outcome instanceof Outcome.NeedsProducerId
                        ? producerIds
                                .get()
                                .thenCompose(id -> shards.write(
                                        transactionalId, shard -> operation.apply(shard, OptionalLong.of(id))))
                        : CompletableFuture.completedStage(outcome))
                .thenApply(TransactionCoordinator::value);
    }

    private static <T> T value(Outcome<T> outcome) {
        if (outcome instanceof Outcome.Done<T> done) {
            return done.value();
        }
        if (outcome instanceof Outcome.Refused<T> refused) {
            throw new CompletionException(refused.error().exception());
        }
        throw new IllegalStateException("A producer id was given");
    }

    private static <T> CompletionStage<T> failed(Errors error) {
        return CompletableFuture.failedStage(error.exception());
    }
}
