package io.odradek.transaction;

import io.odradek.coordinator.CoordinatorRuntime;
import io.odradek.metadata.MetadataImage;
import io.odradek.replication.Timer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;

/**
 * Carries the markers of a prepared transaction to the leaders of its partitions, again and again until each has it or is
 * gone, and then lets the shard complete the transaction. Gives up when the shard is not in charge any more: the one that
 * is loaded next begins anew.
 *
 * <p>Thread-safe. What is under way is bounded by the transactional ids: each has one transaction at most that is prepared.
 */
final class MarkerSender {
    private static final Logger LOG = Logger.getLogger(MarkerSender.class);
    /** Long enough for a leader to be elected, short beside what a producer waits. */
    static final long RETRY_BACKOFF_MS = 100;

    private final CoordinatorRuntime<TransactionShard> shards;
    private final Supplier<MetadataImage> metadata;
    private final IntFunction<Optional<MarkerDestination>> brokers;
    private final Timer timer;

    /** @param brokers how to reach a broker; empty if there is no way */
    MarkerSender(
            CoordinatorRuntime<TransactionShard> shards,
            Supplier<MetadataImage> metadata,
            IntFunction<Optional<MarkerDestination>> brokers,
            Timer timer) {
        this.shards = shards;
        this.metadata = metadata;
        this.brokers = brokers;
        this.timer = timer;
    }

    void send(PreparedTransaction transaction) {
        send(transaction, transaction.partitions());
    }

    private void send(PreparedTransaction transaction, Set<TopicPartition> missing) {
        if (!transaction.inCharge().getAsBoolean()) {
            return;
        }
        var byLeader = byLeader(missing);
        if (byLeader.isEmpty()) {
            complete(transaction);
            return;
        }
        var answers = new ArrayList<CompletableFuture<Map<TopicPartition, Errors>>>(byLeader.size());
        byLeader.forEach((leader, partitions) -> answers.add(brokers.apply(leader)
                .map(broker -> broker.write(transaction.marker(), partitions).toCompletableFuture())
                .orElseGet(() -> CompletableFuture.completedFuture(unreachable(partitions)))));
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> settle(transaction, missing, failure == null ? answers : List.of()));
    }

    /** Partitions that do not exist any more are left out. */
    private Map<Integer, List<TopicPartition>> byLeader(Collection<TopicPartition> partitions) {
        var image = metadata.get();
        var byLeader = new HashMap<Integer, List<TopicPartition>>();
        for (var partition : partitions) {
            image.topics()
                    .byName(partition.topic())
                    .flatMap(topic -> topic.partition(partition.partition()))
                    .ifPresent(p -> byLeader.computeIfAbsent(p.leader(), leader -> new ArrayList<>())
                            .add(partition));
        }
        return byLeader;
    }

    private static Map<TopicPartition, Errors> unreachable(List<TopicPartition> partitions) {
        var errors = new HashMap<TopicPartition, Errors>();
        partitions.forEach(p -> errors.put(p, Errors.NOT_LEADER_OR_FOLLOWER));
        return errors;
    }

    private void settle(
            PreparedTransaction transaction,
            Set<TopicPartition> sent,
            List<CompletableFuture<Map<TopicPartition, Errors>>> answers) {
        var retry = new HashSet<TopicPartition>();
        if (answers.isEmpty()) {
            retry.addAll(sent);
        }
        for (var answer : answers) {
            for (var partition : answer.join().entrySet()) {
                switch (partition.getValue()) {
                    case NONE, UNSUPPORTED_VERSION, UNSUPPORTED_FOR_MESSAGE_FORMAT -> {}
                    case INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED -> {
                        // As in Kafka: somebody else has ended this transaction, or will.
                        LOG.warnf(
                                "No more markers are sent for %s of transactional id %s: %s in %s",
                                transaction.marker(),
                                transaction.transactionalId(),
                                partition.getValue(),
                                partition.getKey());
                        return;
                    }
                    default -> {
                        LOG.debugf(
                                "Marker of transactional id %s for %s: %s",
                                transaction.transactionalId(), partition.getKey(), partition.getValue());
                        retry.add(partition.getKey());
                    }
                }
            }
        }
        if (retry.isEmpty()) {
            complete(transaction);
        } else {
            timer.schedule(RETRY_BACKOFF_MS, () -> send(transaction, retry));
        }
    }

    private void complete(PreparedTransaction transaction) {
        shards.write(transaction.transactionalId(), shard -> shard.complete(transaction))
                .whenComplete((done, failure) -> {
                    if (failure != null && transaction.inCharge().getAsBoolean()) {
                        LOG.debugf(
                                "The end of a transaction of %s could not be written: %s",
                                transaction.transactionalId(), Errors.maybeUnwrapException(failure));
                        timer.schedule(RETRY_BACKOFF_MS, () -> complete(transaction));
                    }
                });
    }
}
