package io.odradek.transaction;

import io.odradek.config.TransactionSettings;
import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.CoordinatorShard;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardContext;
import io.odradek.metadata.MetadataImage;
import io.odradek.transaction.message.TransactionLogKey;
import io.odradek.transaction.message.TransactionLogValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.utils.ProducerIdAndEpoch;

/**
 * The transactional ids of one partition of {@code __transaction_state} (KIP-98, 360, 447, 890).
 *
 * <p>A transaction ends in two steps: that it is committed or aborted is written here first (prepared); then every
 * partition is told by a marker; then the end is written here. Once prepared a transaction ends that way: a shard that is
 * loaded with prepared transactions sends their markers again.
 */
public final class TransactionShard implements CoordinatorShard {
    static final String ABORT_TIMER = "abort-timed-out";
    static final String EXPIRY_TIMER = "remove-expired";
    static final String RESUME_TIMER = "resume";

    /** Transactional ids forgotten at a time, so that their tombstones fit into a batch and others get their turn. */
    private static final int MAX_EXPIRED_AT_A_TIME = 1000;

    private static final int MAX_EXPIRED_BYTES = 256 * 1024;
    private static final int TOMBSTONE_OVERHEAD_BYTES = 100;
    private static final int MAX_BYTES_PER_CHAR = 3;

    private final ShardContext context;
    private final Supplier<TransactionSettings> settings;
    private final TransactionVersion version;
    private final FollowUps followUps;
    private final AtomicBoolean inCharge = new AtomicBoolean(true);
    private final Map<String, Transaction> transactions = new HashMap<>();
    /** Those in {@link TransactionState#ONGOING}, which may time out. */
    private final Set<String> ongoing = new LinkedHashSet<>();
    /** Decided by the last operation: has the last epoch of its producer, which no record has. */
    private Optional<Transaction> decided = Optional.empty();

    TransactionShard(
            ShardContext context,
            Supplier<TransactionSettings> settings,
            TransactionVersion version,
            FollowUps followUps) {
        this.context = context;
        this.settings = settings;
        this.version = version;
        this.followUps = followUps;
    }

    @Override
    public void replay(CoordinatorRecord record) {
        if (!(record.key() instanceof TransactionLogKey key)) {
            return;
        }
        var id = key.transactionalId();
        if (record.value().isEmpty()) {
            transactions.remove(id);
            ongoing.remove(id);
            return;
        }
        var transaction =
                TransactionRecords.read(id, (TransactionLogValue) record.value().get());
        var last = decided.filter(d -> d.transactionalId().equals(id)).map(Transaction::lastProducerEpoch);
        decided = Optional.empty();
        transactions.put(id, last.map(transaction::withLastProducerEpoch).orElse(transaction));
        if (transaction.state() == TransactionState.ONGOING) {
            ongoing.add(id);
        } else {
            ongoing.remove(id);
        }
    }

    @Override
    public void loaded(MetadataImage image) {
        var prepared = transactions.values().stream()
                .filter(t -> t.state().isPrepared())
                .toList();
        if (!prepared.isEmpty()) {
            // As an operation of its own: that they are prepared must be committed before anybody is told.
            context.timers().schedule(RESUME_TIMER, 0, () -> Decision.nothing()
                    .whenCommitted(() -> prepared.forEach(this::sendMarkers)));
        }
        if (!ongoing.isEmpty()) {
            watchTimeouts();
        }
        if (!transactions.isEmpty()) {
            watchExpiry();
        }
    }

    @Override
    public void unloaded(Errors why) {
        inCharge.set(false);
        transactions.clear();
        ongoing.clear();
    }

    /** Only as long as a transaction is open. */
    private void watchTimeouts() {
        if (!context.timers().isScheduled(ABORT_TIMER)) {
            context.timers().schedule(ABORT_TIMER, settings.get().abortTimedOutIntervalMs(), this::abortTimedOut);
        }
    }

    /** Only as long as there are transactional ids. */
    private void watchExpiry() {
        if (!context.timers().isScheduled(EXPIRY_TIMER)) {
            context.timers().schedule(EXPIRY_TIMER, settings.get().removeExpiredIntervalMs(), this::removeExpired);
        }
    }

    /**
     * A producer registers under its transactional id: whoever had it before is fenced.
     *
     * @param expected what the producer believes to be, if it has been one before (KIP-360)
     * @param newProducerId an id that nobody has, for when one is needed
     */
    Decision<Outcome<ProducerIdAndEpoch>> initProducerId(
            String transactionalId, int timeoutMs, Optional<ProducerIdAndEpoch> expected, OptionalLong newProducerId) {
        long nowMs = context.time().milliseconds();
        var known = transactions.get(transactionalId);
        if (known == null && newProducerId.isEmpty()) {
            return needsProducerId();
        }
        var current = known != null
                ? known
                : Transaction.unused(transactionalId, newProducerId.getAsLong(), timeoutMs, nowMs);
        if (expected.isPresent() && !mayBe(expected.get(), current)) {
            throw Errors.PRODUCER_FENCED.exception();
        }
        return switch (current.state()) {
            case PREPARE_COMMIT, PREPARE_ABORT -> throw Errors.CONCURRENT_TRANSACTIONS.exception();
            case ONGOING -> fence(current, newProducerId);
            case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> register(current, timeoutMs, expected, newProducerId, nowMs);
            case DEAD, PREPARE_EPOCH_FENCE ->
                throw new IllegalStateException(transactionalId + " is " + current.state());
        };
    }

    private static boolean mayBe(ProducerIdAndEpoch expected, Transaction current) {
        // The coordinator had forgotten the transactional id: the producer gets another producer id.
        return current.producerEpoch() == RecordBatch.NO_PRODUCER_EPOCH
                || expected.producerId == current.producerId()
                // It had the last epoch of its producer id, and missed the answer that gave it another.
                || expected.producerId == current.previousProducerId() && Transaction.isExhausted(expected.epoch);
    }

    private Decision<Outcome<ProducerIdAndEpoch>> register(
            Transaction current,
            int timeoutMs,
            Optional<ProducerIdAndEpoch> expected,
            OptionalLong newProducerId,
            long nowMs) {
        var expectedEpoch = expected.map(e -> OptionalInt.of(e.epoch)).orElse(OptionalInt.empty());
        boolean rotates = current.isEpochExhausted()
                && (expectedEpoch.isEmpty() || expectedEpoch.getAsInt() == current.producerEpoch());
        if (rotates && newProducerId.isEmpty()) {
            return needsProducerId();
        }
        var next = rotates
                ? current.withNewProducerId(newProducerId.getAsLong(), timeoutMs, expectedEpoch, nowMs)
                : current.withNextEpoch(timeoutMs, expectedEpoch, nowMs);
        return write(next, Outcome.done(identity(next)));
    }

    /** The transaction of whoever had the transactional id is aborted; the new producer comes back when that is done. */
    private Decision<Outcome<ProducerIdAndEpoch>> fence(Transaction current, OptionalLong newProducerId) {
        short level = version.level();
        if (needsProducerId(current, level, newProducerId)) {
            return needsProducerId();
        }
        return prepare(
                current.fenced(level, newProducerId.orElse(-1), context.time().milliseconds()),
                new Outcome.Refused<>(Errors.CONCURRENT_TRANSACTIONS));
    }

    /** Partitions that the producer is about to write to. */
    Decision<Void> addPartitions(
            String transactionalId,
            long producerId,
            short producerEpoch,
            Collection<TopicPartition> partitions,
            short clientVersion) {
        var current = requireProducer(transactionalId, producerId, producerEpoch);
        if (current.state().isPrepared()) {
            throw Errors.CONCURRENT_TRANSACTIONS.exception();
        }
        if (current.state() == TransactionState.ONGOING && current.partitions().containsAll(partitions)) {
            return Decision.nothing();
        }
        return write(
                current.withPartitions(partitions, clientVersion, context.time().milliseconds()), null);
    }

    /** Whether the partitions are in the producer's transaction; changes nothing. */
    Map<TopicPartition, Errors> verifyPartitions(
            String transactionalId, long producerId, short producerEpoch, Collection<TopicPartition> partitions) {
        var current = requireProducer(transactionalId, producerId, producerEpoch);
        if (current.state().isPrepared()) {
            throw Errors.CONCURRENT_TRANSACTIONS.exception();
        }
        var result = new HashMap<TopicPartition, Errors>();
        for (var partition : partitions) {
            result.put(
                    partition, current.partitions().contains(partition) ? Errors.NONE : Errors.TRANSACTION_ABORTABLE);
        }
        return result;
    }

    private Transaction requireProducer(String transactionalId, long producerId, short producerEpoch) {
        var current = transactions.get(transactionalId);
        if (current == null || current.producerId() != producerId) {
            throw Errors.INVALID_PRODUCER_ID_MAPPING.exception();
        }
        if (current.producerEpoch() != producerEpoch) {
            throw Errors.PRODUCER_FENCED.exception();
        }
        return current;
    }

    /**
     * A producer commits or aborts. The answer is who it is in its next transaction; nobody with a client version below 2,
     * which stays who it is.
     */
    Decision<Outcome<ProducerIdAndEpoch>> endTransaction(
            String transactionalId,
            long producerId,
            short producerEpoch,
            TransactionResult result,
            short clientVersion,
            OptionalLong newProducerId) {
        var current = transactions.get(transactionalId);
        if (current == null) {
            throw Errors.INVALID_PRODUCER_ID_MAPPING.exception();
        }
        boolean bumps = clientVersion >= Transaction.FIRST_VERSION_WITH_BUMP;
        var end = EndOfTransaction.of(current, producerId, producerEpoch, result, clientVersion);
        if (end == EndOfTransaction.REPEATED) {
            return Decision.of(Outcome.done(bumps ? identity(current) : ProducerIdAndEpoch.NONE));
        }
        if (needsProducerId(current, clientVersion, newProducerId)) {
            return needsProducerId();
        }
        long nowMs = context.time().milliseconds();
        var prepared = current.prepared(result, bumps ? clientVersion : 0, newProducerId.orElse(-1), nowMs);
        return prepare(prepared, Outcome.done(bumps ? identity(prepared.completed(nowMs)) : ProducerIdAndEpoch.NONE));
    }

    /** For a transaction that {@link FollowUps#abortTimedOut} named; nothing if it has ended meanwhile. */
    Decision<Outcome<Boolean>> abortTimedOut(String transactionalId, long producerId, OptionalLong newProducerId) {
        var current = transactions.get(transactionalId);
        long nowMs = context.time().milliseconds();
        if (current == null || current.producerId() != producerId || !current.hasTimedOut(nowMs)) {
            return Decision.of(Outcome.done(false));
        }
        short level = version.level();
        if (needsProducerId(current, level, newProducerId)) {
            return needsProducerId();
        }
        return prepare(current.fenced(level, newProducerId.orElse(-1), nowMs), Outcome.done(true));
    }

    /** All markers of a transaction that {@link FollowUps#sendMarkers} named are written. */
    Decision<Void> complete(PreparedTransaction done) {
        var current = transactions.get(done.transactionalId());
        boolean same = current != null
                && current.state().isPrepared()
                && current.result() == done.marker().result()
                && current.producerId() == done.marker().producerId()
                && current.producerEpoch() == done.marker().producerEpoch();
        return same ? write(current.completed(context.time().milliseconds()), null) : Decision.nothing();
    }

    Optional<Transaction> describe(String transactionalId) {
        return Optional.ofNullable(transactions.get(transactionalId));
    }

    List<TransactionListing> list(TransactionFilter filter) {
        long nowMs = context.time().milliseconds();
        return transactions.values().stream()
                .filter(t -> filter.matches(t, nowMs))
                .map(t -> new TransactionListing(t.transactionalId(), t.producerId(), t.state()))
                .toList();
    }

    private Decision<Void> abortTimedOut() {
        long nowMs = context.time().milliseconds();
        for (var id : ongoing) {
            var transaction = transactions.get(id);
            if (transaction.hasTimedOut(nowMs)) {
                followUps.abortTimedOut(id, transaction.producerId());
            }
        }
        if (!ongoing.isEmpty()) {
            watchTimeouts();
        }
        return Decision.nothing();
    }

    private Decision<Void> removeExpired() {
        long nowMs = context.time().milliseconds();
        long expirationMs = settings.get().transactionalIdExpirationMs();
        var tombstones = new ArrayList<CoordinatorRecord>();
        int bytes = 0;
        boolean more = false;
        for (var transaction : transactions.values()) {
            if (!transaction.hasExpired(nowMs, expirationMs)) {
                continue;
            }
            int size = transaction.transactionalId().length() * MAX_BYTES_PER_CHAR + TOMBSTONE_OVERHEAD_BYTES;
            more = !tombstones.isEmpty()
                    && (tombstones.size() == MAX_EXPIRED_AT_A_TIME || bytes + size > MAX_EXPIRED_BYTES);
            if (more) {
                break;
            }
            bytes += size;
            tombstones.add(TransactionRecords.tombstone(transaction.transactionalId()));
        }
        if (more) {
            context.timers().schedule(EXPIRY_TIMER, 0, this::removeExpired);
        } else if (tombstones.size() < transactions.size()) {
            watchExpiry();
        }
        return Decision.of(tombstones);
    }

    private boolean needsProducerId(Transaction ending, short clientVersion, OptionalLong newProducerId) {
        return clientVersion >= Transaction.FIRST_VERSION_WITH_BUMP
                && ending.isEpochExhausted()
                && newProducerId.isEmpty();
    }

    private static <T> Decision<Outcome<T>> needsProducerId() {
        return Decision.of(new Outcome.NeedsProducerId<>());
    }

    private <T> Decision<Outcome<T>> prepare(Transaction prepared, Outcome<T> outcome) {
        return write(prepared, outcome).whenCommitted(() -> sendMarkers(prepared));
    }

    private void sendMarkers(Transaction prepared) {
        followUps.sendMarkers(new PreparedTransaction(
                prepared.transactionalId(),
                new TransactionMarker(
                        prepared.producerId(),
                        prepared.producerEpoch(),
                        context.leaderEpoch(),
                        prepared.result(),
                        prepared.clientVersion()),
                prepared.partitions(),
                inCharge::get));
    }

    private <T> Decision<T> write(Transaction next, T response) {
        decided = Optional.of(next);
        if (next.state() == TransactionState.ONGOING) {
            watchTimeouts();
        }
        watchExpiry();
        return Decision.of(List.of(TransactionRecords.record(next, version.level())), response);
    }

    private static ProducerIdAndEpoch identity(Transaction transaction) {
        return new ProducerIdAndEpoch(transaction.producerId(), transaction.producerEpoch());
    }
}
