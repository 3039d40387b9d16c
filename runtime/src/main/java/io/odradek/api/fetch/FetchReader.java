package io.odradek.api.fetch;

import io.odradek.log.AbortedTxn;
import io.odradek.log.EpochEndOffset;
import io.odradek.replication.FetchIsolation;
import io.odradek.replication.PartitionLeader;
import io.odradek.replication.PartitionRead;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.ReadablePartition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchResponse;
import org.jboss.logging.Logger;

/** Reads the partitions of a fetch in their order, until the response is full. Stateless. */
final class FetchReader {
    private static final Logger LOG = Logger.getLogger(FetchReader.class);

    private final PartitionRegistry partitions;
    private final ReadReplicas replicas;
    private final BooleanSupplier metadataLeaderKnown;

    FetchReader(PartitionRegistry partitions, ReadReplicas replicas, BooleanSupplier metadataLeaderKnown) {
        this.partitions = partitions;
        this.replicas = replicas;
        this.metadataLeaderKnown = metadataLeaderKnown;
    }

    /**
     * Whether only what happens to a partition makes a difference to a fetch. Not if a consumer may be sent elsewhere at any
     * time, nor if the follower is one that has a successor.
     */
    boolean heedsQuiet(FetchLimits limits) {
        return limits.fromFollower()
                ? !partitions.isStale(limits.replicaId(), limits.replicaEpoch())
                : limits.consumer().isEmpty() || !replicas.areChosen();
    }

    /**
     * Never throws: what cannot be read has an error in its answer.
     *
     * @param first whether it is the first time that this fetch is read. What a follower tells by asking is old news the
     *     second time
     */
    FetchedPartitions read(List<PlannedPartition> plan, FetchLimits limits, boolean first) {
        var all = new ArrayList<FetchedPartition>(plan.size());
        long bytes = 0;
        long throttledBytes = 0;
        boolean urgent = false;
        for (var planned : plan) {
            if (!planned.readable()) {
                urgent |= planned.refusal() == Errors.INCONSISTENT_TOPIC_ID;
                all.add(told(
                        planned,
                        FetchResponse.partitionResponse(planned.target().partition(), planned.refusal())));
                continue;
            }
            int budget = (int) Math.max(0, limits.maxBytes() - bytes);
            var fetched = read(planned, limits, budget, bytes == 0, first);
            var answer = fetched.answer();
            int size = FetchResponse.recordsSize(answer);
            bytes += size;
            throttledBytes += size > 0 && limits.fromFollower() && isThrottled(planned, limits) ? size : 0;
            urgent |= answer.errorCode() != Errors.NONE.code()
                    || FetchResponse.isDivergingEpoch(answer)
                    || FetchResponse.isPreferredReplica(answer);
            all.add(fetched);
        }
        return new FetchedPartitions(all, bytes, throttledBytes, urgent);
    }

    private boolean isThrottled(PlannedPartition planned, FetchLimits limits) {
        try {
            return leader(planned, limits).isThrottled();
        } catch (ApiException e) {
            return false;
        }
    }

    /**
     * How much there is to read, for who waits for it.
     *
     * @throws ApiException as Kafka
     */
    static int availableBytes(ReadablePartition partition, FetchTarget target, FetchLimits limits) {
        return holdsBack(partition, limits)
                ? 0
                : partition.availableBytes(limits.isolation(), target.fetchOffset(), target.maxBytes());
    }

    /** Whether a follower gets no records now, since the quota for that is used up (KIP-73). */
    private static boolean holdsBack(ReadablePartition partition, FetchLimits limits) {
        return limits.fromFollower()
                && partition instanceof PartitionLeader leader
                && leader.holdsBack(limits.replicaId());
    }

    /** @param empty whether nothing has been read yet: the first batch then comes whatever its size (KIP-74) */
    private FetchedPartition read(
            PlannedPartition planned, FetchLimits limits, int budget, boolean empty, boolean first) {
        var target = planned.target();
        try {
            if (limits.fromFollower()) {
                return readForFollower(planned, limits, budget, empty, first);
            }
            var partition = partition(planned, limits);
            long seen = planned.partition().look(partition);
            var preferred = replicas.preferred(partition, limits.consumer(), target.fetchOffset());
            // Who is sent elsewhere gets no records here.
            int maxBytes = preferred.isPresent() ? 0 : Math.min(target.maxBytes(), budget);
            var read = partition.read(
                    limits.isolation(),
                    target.fetchOffset(),
                    target.lastFetchedEpoch(),
                    maxBytes,
                    empty && preferred.isEmpty());
            var answer = answer(target.partition(), read, limits.isolation());
            preferred.ifPresent(answer::setPreferredReadReplica);
            return new FetchedPartition(planned.partition(), target, seen, answer, read.atEnd() && preferred.isEmpty());
        } catch (OffsetOutOfRangeException e) {
            return told(
                    planned,
                    limits.fromFollower()
                            ? startAnew(planned, limits)
                            : failure(target.partition(), outOfRange(planned, limits)));
        } catch (RuntimeException e) {
            if (!(e instanceof ApiException)) {
                LOG.errorf(e, "Reading %s-%d at %d failed", planned.topic(), target.partition(), target.fetchOffset());
            }
            return told(planned, failure(target.partition(), Errors.forException(e)));
        }
    }

    /** Of a partition that is not read. It has to be looked at again with the next fetch. */
    private static FetchedPartition told(PlannedPartition planned, PartitionData answer) {
        return new FetchedPartition(planned.partition(), planned.target(), WatchedPartition.UNWATCHED, answer, false);
    }

    /** What a follower fetches tells its leader how far it has come. */
    private FetchedPartition readForFollower(
            PlannedPartition planned, FetchLimits limits, int budget, boolean empty, boolean first) {
        var target = planned.target();
        var leader = leader(planned, limits);
        long seen = planned.partition().look(leader);
        long leaderEnd = first ? leader.log().logEndOffset() : 0;
        boolean heldBack = holdsBack(leader, limits);
        var read = leader.read(
                limits.isolation(),
                target.fetchOffset(),
                target.lastFetchedEpoch(),
                heldBack ? 0 : Math.min(target.maxBytes(), budget),
                empty && !heldBack);
        var answer = answer(target.partition(), read, limits.isolation());
        if (first && read.divergingEpoch().isEmpty()) {
            answer.setHighWatermark(leader.followerFetched(
                    limits.replicaId(),
                    limits.replicaEpoch(),
                    target.fetchOffset(),
                    target.logStartOffset(),
                    leaderEnd));
        }
        boolean atRest = read.atEnd() && leader.isSettled(limits.replicaId());
        return new FetchedPartition(planned.partition(), target, seen, answer, atRest);
    }

    /**
     * A consumer that is told that its offset is out of range starts anew, mostly at the beginning. If it asks for more than
     * there is here, this leader may be one no longer and not know it, as long as it is cut off from the others: then the
     * consumer is to look for another one.
     */
    private Errors outOfRange(PlannedPartition planned, FetchLimits limits) {
        if (metadataLeaderKnown.getAsBoolean()) {
            return Errors.OFFSET_OUT_OF_RANGE;
        }
        try {
            boolean deleted =
                    planned.target().fetchOffset() < leader(planned, limits).logStartOffset();
            return deleted ? Errors.OFFSET_OUT_OF_RANGE : Errors.NOT_LEADER_OR_FOLLOWER;
        } catch (ApiException e) {
            return Errors.forException(e);
        }
    }

    /** Saves the follower from having to ask where the log begins, which is where it has to go on. */
    private PartitionData startAnew(PlannedPartition planned, FetchLimits limits) {
        int partition = planned.target().partition();
        try {
            return failure(partition, Errors.OFFSET_OUT_OF_RANGE)
                    .setLogStartOffset(leader(planned, limits).logStartOffset());
        } catch (ApiException e) {
            return failure(partition, Errors.forException(e));
        }
    }

    /**
     * What is read: from a replica that follows too, if it is for a consumer that knows of such.
     *
     * @throws ApiException as Kafka
     */
    ReadablePartition partition(PlannedPartition planned, FetchLimits limits) {
        if (limits.consumer().isEmpty()) {
            return leader(planned, limits);
        }
        var target = planned.target();
        return target.namedById()
                ? partitions.readable(target.topicId(), target.partition(), target.currentLeaderEpoch())
                : partitions.readable(planned.topic(), target.partition(), target.currentLeaderEpoch());
    }

    private PartitionLeader leader(PlannedPartition planned, FetchLimits limits) {
        var target = planned.target();
        var leader = target.namedById()
                ? partitions.leader(target.topicId(), target.partition(), target.currentLeaderEpoch())
                : partitions.leader(planned.topic(), target.partition(), target.currentLeaderEpoch());
        if (limits.fromFollower() && !leader.isAssigned(limits.replicaId())) {
            throw (target.currentLeaderEpoch() >= 0 ? Errors.UNKNOWN_LEADER_EPOCH : Errors.NOT_LEADER_OR_FOLLOWER)
                    .exception("Broker " + limits.replicaId() + " is no replica of " + leader.id());
        }
        if (limits.fromFollower()) {
            leader.checkFollower(limits.replicaId(), limits.replicaEpoch());
        }
        return leader;
    }

    private static PartitionData answer(int partition, PartitionRead read, FetchIsolation isolation) {
        var answer = new PartitionData()
                .setPartitionIndex(partition)
                .setHighWatermark(read.highWatermark())
                .setLastStableOffset(read.lastStableOffset())
                .setLogStartOffset(read.logStartOffset())
                .setAbortedTransactions(
                        isolation == FetchIsolation.TXN_COMMITTED ? aborted(read.abortedTransactions()) : null)
                .setRecords(read.records().isEmpty() ? MemoryRecords.EMPTY : read.records());
        read.divergingEpoch().ifPresent(end -> answer.setDivergingEpoch(diverging(end)));
        return answer;
    }

    private static FetchResponseData.EpochEndOffset diverging(EpochEndOffset end) {
        return new FetchResponseData.EpochEndOffset()
                .setEpoch(end.leaderEpoch())
                .setEndOffset(end.endOffset());
    }

    private static List<AbortedTransaction> aborted(List<AbortedTxn> transactions) {
        if (transactions.isEmpty()) {
            return List.of();
        }
        var aborted = new ArrayList<AbortedTransaction>(transactions.size());
        for (var transaction : transactions) {
            aborted.add(new AbortedTransaction()
                    .setProducerId(transaction.producerId())
                    .setFirstOffset(transaction.firstOffset()));
        }
        return aborted;
    }

    private static PartitionData failure(int partition, Errors error) {
        return FetchResponse.partitionResponse(partition, error).setAbortedTransactions(null);
    }
}
