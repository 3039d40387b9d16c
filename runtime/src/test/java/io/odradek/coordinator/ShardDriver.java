package io.odradek.coordinator;

import io.odradek.ManualClock;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.replication.Timer.Timeout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.TransactionResult;

/**
 * Drives one shard without a broker: a log in memory that holds the records as bytes, a clock and timers that move only
 * when told, ids that are the same in every run. What is decided is committed at once.
 *
 * @param <S> the shard under test
 */
public final class ShardDriver<S extends CoordinatorShard> {
    private static final long START_MS = 1_000_000;

    /** An entry of the log: a record, or the marker that ends a transaction. */
    private sealed interface Entry {
        record Plain(SimpleRecord record) implements Entry {}

        record Transactional(long producerId, short producerEpoch, SimpleRecord record) implements Entry {}

        record Marker(long producerId, short producerEpoch, TransactionResult result) implements Entry {}
    }

    private final ManualClock clock = new ManualClock(START_MS);
    private final Random random = new Random(42);
    private final Function<ShardContext, S> factory;
    private final RecordCodec codec;
    private final List<Entry> log = new ArrayList<>();
    private final List<CoordinatorRecord> written = new ArrayList<>();
    private MetadataImage image = MetadataImage.EMPTY;
    private ClockTimers timers;
    private int leaderEpoch = -1;
    private S shard;

    public ShardDriver(RecordTypes types, Function<ShardContext, S> factory) {
        this.codec = new RecordCodec(types);
        this.factory = factory;
        load();
    }

    public S shard() {
        return shard;
    }

    public ManualClock clock() {
        return clock;
    }

    public MetadataImage image() {
        return image;
    }

    /** The image as it is from now on; all topics of both images and all configs count as changed. */
    public void image(MetadataImage next) {
        var topics = new java.util.HashSet<Uuid>();
        image.topics().all().forEach(topic -> topics.add(topic.id()));
        next.topics().all().forEach(topic -> topics.add(topic.id()));
        image(new MetadataChange(image, next, topics, Set.of(), Set.of()));
    }

    public void image(MetadataChange change) {
        image = change.after();
        shard.onChange(change);
    }

    /** Runs an operation, keeps its records, and returns its response. What the operation throws is thrown on. */
    public <T> T write(Function<S, Decision<T>> operation) {
        var decision = operation.apply(shard);
        for (var record : decision.records()) {
            log.add(new Entry.Plain(RecordCodec.encode(record, clock.milliseconds())));
            written.add(record);
            shard.replay(record);
        }
        decision.onCommitted().run();
        return decision.response();
    }

    public <T> T writeTransactional(long producerId, short producerEpoch, Function<S, Decision<T>> operation) {
        var decision = operation.apply(shard);
        for (var record : decision.records()) {
            var bytes = RecordCodec.encode(record, clock.milliseconds());
            log.add(new Entry.Transactional(producerId, producerEpoch, bytes));
            written.add(record);
            shard.replayTransactional(producerId, producerEpoch, record);
        }
        decision.onCommitted().run();
        return decision.response();
    }

    /**
     * A record that another version, or Apache Kafka, has written.
     *
     * @param value null for a tombstone
     */
    public void append(ByteBuffer key, ByteBuffer value) {
        var record = new SimpleRecord(clock.milliseconds(), key, value);
        log.add(new Entry.Plain(record));
        shard.replay(decode(record));
    }

    public <T> T read(Function<S, T> operation) {
        return operation.apply(shard);
    }

    public void endTransaction(long producerId, short producerEpoch, TransactionResult result) {
        log.add(new Entry.Marker(producerId, producerEpoch, result));
        shard.endTransaction(producerId, producerEpoch, result);
    }

    /** Lets time pass; timers that become due run in order. */
    public void advance(long ms) {
        clock.advance(ms);
    }

    /** Records written since the last call, in order. */
    public List<CoordinatorRecord> takeWritten() {
        var taken = List.copyOf(written);
        written.clear();
        return taken;
    }

    /** Another broker takes over: the shard is unloaded, and a new one made from what the log holds. */
    public void restart() {
        timers.close();
        shard.unloaded(Errors.NOT_COORDINATOR);
        load();
    }

    /** As {@link #restart} without a word to the old shard: the process died. */
    public void crash() {
        timers.close();
        load();
    }

    /**
     * As the log cleaner would: of the records before the first open transaction the last of each key remains, tombstones
     * too, and nothing of aborted transactions. Takes effect with the next load.
     */
    public void compact() {
        var last = new HashMap<ByteBuffer, Integer>();
        int firstOpen = 0;
        for (; firstOpen < log.size() && !isOpen(firstOpen); firstOpen++) {
            if (log.get(firstOpen) instanceof Entry.Plain plain) {
                last.put(plain.record().key(), firstOpen);
            } else if (log.get(firstOpen) instanceof Entry.Transactional t
                    && resultOf(firstOpen, t).orElseThrow() == TransactionResult.COMMIT) {
                last.put(t.record().key(), firstOpen);
            }
        }
        var kept = new ArrayList<Entry>();
        for (int i = 0; i < log.size(); i++) {
            if (i >= firstOpen || log.get(i) instanceof Entry.Marker || last.containsValue(i)) {
                kept.add(log.get(i));
            }
        }
        log.clear();
        log.addAll(kept);
    }

    private boolean isOpen(int index) {
        return log.get(index) instanceof Entry.Transactional t
                && resultOf(index, t).isEmpty();
    }

    private Optional<TransactionResult> resultOf(int index, Entry.Transactional written) {
        return log.subList(index, log.size()).stream()
                .filter(Entry.Marker.class::isInstance)
                .map(Entry.Marker.class::cast)
                .filter(marker -> marker.producerId() == written.producerId())
                .map(Entry.Marker::result)
                .findFirst();
    }

    /** Keys of the timers that are set. */
    public Set<String> timers() {
        return Set.copyOf(timers.scheduled.keySet());
    }

    private void load() {
        leaderEpoch++;
        timers = new ClockTimers();
        shard = factory.apply(new ShardContext(0, leaderEpoch, clock, timers, this::nextId));
        for (var entry : log) {
            if (entry instanceof Entry.Plain plain) {
                shard.replay(decode(plain.record()));
            } else if (entry instanceof Entry.Transactional t) {
                shard.replayTransactional(t.producerId(), t.producerEpoch(), decode(t.record()));
            } else if (entry instanceof Entry.Marker m) {
                shard.endTransaction(m.producerId(), m.producerEpoch(), m.result());
            }
        }
        shard.loaded(image);
    }

    private Uuid nextId() {
        return new Uuid(random.nextLong(), random.nextLong());
    }

    private CoordinatorRecord decode(SimpleRecord record) {
        ByteBuffer value = record.value() == null ? null : record.value().duplicate();
        return codec.decode(record.key().duplicate(), value).orElseThrow();
    }

    private final class ClockTimers implements ShardTimers {
        private final Map<String, Timeout> scheduled = new HashMap<>();

        @Override
        public void schedule(String key, long delayMs, Supplier<Decision<Void>> operation) {
            cancel(key);
            var timeout = clock.schedule(delayMs, () -> {
                scheduled.remove(key);
                write(shard -> operation.get());
            });
            scheduled.put(key, timeout);
        }

        @Override
        public void cancel(String key) {
            var timeout = scheduled.remove(key);
            if (timeout != null) {
                timeout.cancel();
            }
        }

        @Override
        public boolean isScheduled(String key) {
            return scheduled.containsKey(key);
        }

        void close() {
            scheduled.values().forEach(Timeout::cancel);
            scheduled.clear();
        }
    }
}
