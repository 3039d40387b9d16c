package io.odradek.transaction;

import io.odradek.config.TransactionSettings;
import io.odradek.log.PartitionLog;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Timer;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Time;

/** {@link TransactionVerifier} for the partitions that this broker leads. */
public final class PartitionVerification implements TransactionVerifier {
    private final PartitionRegistry partitions;
    private final CoordinatorInquiry coordinator;
    private final Supplier<TransactionSettings> settings;
    private final Timer timer;
    private final Time time;

    /**
     * @param nodeId of this broker
     * @param coordinator of this broker
     * @param coordinatorOf which broker coordinates a transactional id; empty if none does at the moment
     * @param brokers how to ask another broker's coordinator
     * @param settings as they are now
     */
    public PartitionVerification(
            int nodeId,
            PartitionRegistry partitions,
            TransactionCoordinator coordinator,
            Function<String, OptionalInt> coordinatorOf,
            BrokerRequests brokers,
            Supplier<TransactionSettings> settings,
            Timer timer,
            Time time) {
        this(
                partitions,
                new ClusterCoordinatorInquiry(nodeId, new LocalCoordinatorInquiry(coordinator), coordinatorOf, brokers),
                settings,
                timer,
                time);
    }

    PartitionVerification(
            PartitionRegistry partitions,
            CoordinatorInquiry coordinator,
            Supplier<TransactionSettings> settings,
            Timer timer,
            Time time) {
        this.partitions = partitions;
        this.coordinator = coordinator;
        this.settings = settings;
        this.timer = timer;
        this.time = time;
    }

    /** A partition whose log waits for the coordinator's word. */
    private record Guarded(PartitionLog log, long guard) {}

    /** One request's partitions. */
    private record Question(
            String transactionalId,
            long producerId,
            short producerEpoch,
            TransactionSupport support,
            Map<TopicPartition, Guarded> guarded,
            Map<TopicPartition, Errors> errors,
            long deadlineMs,
            CompletableFuture<Map<TopicPartition, Errors>> answer) {}

    @Override
    public CompletionStage<Map<TopicPartition, Errors>> verifyOrAdd(
            String transactionalId,
            long producerId,
            short producerEpoch,
            Map<TopicPartition, Integer> baseSequences,
            TransactionSupport support) {
        var current = settings.get();
        boolean adds = support == TransactionSupport.IMPLICIT;
        if (!adds && !current.partitionVerificationEnable()) {
            return CompletableFuture.completedStage(Map.of());
        }
        var guarded = new HashMap<TopicPartition, Guarded>();
        var errors = new HashMap<TopicPartition, Errors>();
        baseSequences.forEach((partition, sequence) -> {
            try {
                var log = partitions
                        .leader(partition.topic(), partition.partition())
                        .log();
                long guard = log.startVerification(producerId, producerEpoch, sequence, adds);
                if (guard != PartitionLog.NO_GUARD) {
                    guarded.put(partition, new Guarded(log, guard));
                }
            } catch (ApiException e) {
                errors.put(partition, Errors.forException(e));
            }
        });
        if (guarded.isEmpty()) {
            return CompletableFuture.completedStage(errors);
        }
        var question = new Question(
                transactionalId,
                producerId,
                producerEpoch,
                support,
                guarded,
                errors,
                time.hiResClockMs() + current.addPartitionsRetryBackoffMaxMs(),
                new CompletableFuture<>());
        ask(question);
        return question.answer();
    }

    private void ask(Question question) {
        coordinator
                .ask(
                        question.transactionalId(),
                        question.producerId(),
                        question.producerEpoch(),
                        question.guarded().keySet(),
                        question.support() == TransactionSupport.IMPLICIT)
                .whenComplete((results, failure) -> {
                    // The transaction before this one is still ending: cheaper to wait here than to send records again.
                    boolean waits = question.support() == TransactionSupport.IMPLICIT
                            && results != null
                            && results.containsValue(Errors.CONCURRENT_TRANSACTIONS)
                            && time.hiResClockMs() < question.deadlineMs();
                    if (waits) {
                        timer.schedule(settings.get().addPartitionsRetryBackoffMs(), () -> ask(question));
                    } else {
                        settle(question, results == null ? Map.of() : results);
                    }
                });
    }

    private static void settle(Question question, Map<TopicPartition, Errors> results) {
        var errors = new HashMap<>(question.errors());
        question.guarded().forEach((partition, guarded) -> {
            var error = settle(question, guarded, results.getOrDefault(partition, Errors.UNKNOWN_SERVER_ERROR));
            if (error != Errors.NONE) {
                errors.put(partition, error);
            }
        });
        question.answer().complete(errors);
    }

    private static Errors settle(Question question, Guarded guarded, Errors result) {
        try {
            if (result == Errors.NONE) {
                return guarded.log()
                                .confirmVerification(question.producerId(), question.producerEpoch(), guarded.guard())
                        ? Errors.NONE
                        : Errors.INVALID_TXN_STATE;
            }
            if (!(result.exception() instanceof RetriableException)) {
                guarded.log().dropVerification(question.producerId(), guarded.guard());
            }
            return forClient(result, question.support());
        } catch (ApiException e) {
            return Errors.forException(e);
        }
    }

    private static Errors forClient(Errors error, TransactionSupport support) {
        return switch (error) {
            case PRODUCER_FENCED -> Errors.INVALID_PRODUCER_EPOCH;
            case TRANSACTION_ABORTABLE ->
                support == TransactionSupport.EXPLICIT ? Errors.INVALID_TXN_STATE : Errors.TRANSACTION_ABORTABLE;
            default -> error;
        };
    }
}
