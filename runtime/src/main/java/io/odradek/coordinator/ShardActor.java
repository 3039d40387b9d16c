package io.odradek.coordinator;

import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.replication.Subscription;
import io.odradek.replication.Timer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/**
 * One shard in one leader epoch, from its loading to its end: runs operations one at a time, writes what they decide, and
 * answers when it is committed.
 *
 * <p>The state of the shard is always what its log says: records are replayed right after their operation and appended at
 * the end of the mailbox's turn. Should that append fail, which nothing but a broken disk or the end of the leadership makes
 * it do, the state is ahead of the log: the shard is given up, and {@code onBroken} may load another.
 *
 * <p>Threading: public methods may be called from any thread; private ones run in the mailbox.
 */
final class ShardActor<S extends CoordinatorShard> {
    private static final Logger LOG = Logger.getLogger(ShardActor.class);

    private enum State {
        LOADING,
        ACTIVE,
        CLOSED
    }

    /** Who waits for the commit of what lies below {@code end}; in the order of the ends. */
    private record Waiting(long end, Runnable committed, CompletableFuture<?> answer) {}

    private final ShardLog log;
    private final RecordCodec codec;
    private final Supplier<MetadataImage> currentImage;
    private final Timer timer;
    private final Time time;
    private final long commitTimeoutMs;
    private final Runnable onBroken;
    private final Mailbox mailbox;
    private final ActorTimers timers;
    private final S shard;
    private final BatchWriter batch;

    /** Written in the mailbox, but for the end, which anybody may bring about. */
    private volatile State state = State.LOADING;

    private volatile Errors closedBecause = Errors.NOT_COORDINATOR;

    private MetadataImage image = MetadataImage.EMPTY;
    /** Only while somebody waits: mostly an append is committed at once. */
    private Optional<Subscription> progress = Optional.empty();
    /** Answers of operations whose records are in {@link #batch}. */
    private final List<Waiting> unwritten = new ArrayList<>();

    private final Deque<Waiting> uncommitted = new ArrayDeque<>();
    private long end;

    ShardActor(ShardLog log, ShardEnvironment<S> environment, int partition, Runnable onBroken) {
        this.log = log;
        this.codec = new RecordCodec(environment.types());
        this.currentImage = environment.image();
        this.timer = environment.timer();
        this.time = environment.time();
        this.commitTimeoutMs = environment.commitTimeoutMs();
        this.onBroken = onBroken;
        this.batch = new BatchWriter(environment.compression());
        this.mailbox = new Mailbox(environment.executor(), this::flush);
        this.timers = new ActorTimers(timer, mailbox, this::runTimer);
        this.shard = environment
                .factory()
                .apply(new ShardContext(partition, log.epoch(), time, timers, environment.newId()));
    }

    int epoch() {
        return log.epoch();
    }

    /** Loads the shard on one of these threads, which wait for the disk. */
    void load(Executor loading) {
        loading.execute(() -> {
            long startedMs = time.hiResClockMs();
            try {
                long records = new ShardLoader(log, codec, shard).load();
                long tookMs = time.hiResClockMs() - startedMs;
                LOG.debugf("Loaded %s: %s records in %s ms", log.name(), (Object) records, tookMs);
                mailbox.add(this::loaded);
            } catch (NotLeaderOrFollowerException e) {
                LOG.debugf("%s is led here no more: not loaded", log.name());
                close(Errors.NOT_COORDINATOR);
            } catch (Exception e) {
                if (state != State.CLOSED) {
                    LOG.errorf(
                            e,
                            "Coordinator %s could not be loaded: its groups or transactions are not served",
                            log.name());
                    close(Errors.COORDINATOR_NOT_AVAILABLE);
                }
            }
        });
    }

    private void loaded() {
        if (state == State.CLOSED) {
            return;
        }
        end = log.end();
        image = currentImage.get();
        shard.loaded(image);
        state = State.ACTIVE;
    }

    void onChange(MetadataChange change) {
        mailbox.add(() -> {
            // What the shard was loaded with may be newer.
            if (state == State.ACTIVE && change.before() == image) {
                image = change.after();
                shard.onChange(change);
            }
        });
    }

    /** Ends the shard: this broker does not lead the partition any more, or stops. */
    void close(Errors why) {
        mailbox.add(() -> end(why));
    }

    private void end(Errors why) {
        if (state == State.CLOSED) {
            return;
        }
        boolean active = state == State.ACTIVE;
        closedBecause = why;
        state = State.CLOSED;
        timers.close();
        progress.ifPresent(Subscription::close);
        unwritten.forEach(w -> w.answer().completeExceptionally(why.exception()));
        unwritten.clear();
        uncommitted.forEach(w -> w.answer().completeExceptionally(why.exception()));
        uncommitted.clear();
        if (active) {
            shard.unloaded(why);
        }
    }

    <T> CompletionStage<T> write(Function<S, Decision<T>> operation) {
        return ask(answer -> {
            log.requireWritable();
            var decision = operation.apply(shard);
            if (!decision.records().isEmpty()) {
                collect(encode(decision.records()));
                replay(decision.records());
            }
            unwritten.add(waiting(decision, answer));
        });
    }

    <T> CompletionStage<T> writeTransactional(
            long producerId, short producerEpoch, short transactionVersion, Function<S, Decision<T>> operation) {
        return ask(answer -> {
            log.requireWritable();
            var decision = operation.apply(shard);
            if (!decision.records().isEmpty()) {
                var records = encode(decision.records());
                flush();
                requireActive();
                batch.add(records, BatchWriter.batchBytes(records));
                // Refused where the producer is fenced: then the shard knows nothing of it.
                end = log.append(batch.takeTransactional(producerId, producerEpoch), transactionVersion);
                decision.records().forEach(r -> shard.replayTransactional(producerId, producerEpoch, r));
            }
            unwritten.add(waiting(decision, answer));
        });
    }

    CompletionStage<Void> endTransaction(
            long producerId,
            short producerEpoch,
            int coordinatorEpoch,
            TransactionResult result,
            short transactionVersion) {
        return ask(answer -> {
            flush();
            requireActive();
            var marker = BatchWriter.marker(time.milliseconds(), producerId, producerEpoch, coordinatorEpoch, result);
            end = log.append(marker, transactionVersion);
            shard.endTransaction(producerId, producerEpoch, result);
            unwritten.add(waiting(Decision.nothing(), answer));
        });
    }

    <T> CompletionStage<T> read(Function<S, T> operation) {
        return ask(answer -> unwritten.add(waiting(Decision.of(operation.apply(shard)), answer)));
    }

    @FunctionalInterface
    private interface Question<T> {
        void put(CompletableFuture<T> answer);
    }

    private <T> CompletionStage<T> ask(Question<T> question) {
        var answer = new CompletableFuture<T>();
        if (state != State.ACTIVE) {
            answer.completeExceptionally(notActive().exception());
            return answer;
        }
        mailbox.add(() -> {
            if (state != State.ACTIVE) {
                answer.completeExceptionally(notActive().exception());
                return;
            }
            try {
                question.put(answer);
            } catch (ApiException e) {
                answer.completeExceptionally(WriteErrors.ofCoordinator(e));
            } catch (RuntimeException e) {
                LOG.errorf(e, "An operation on coordinator %s failed", log.name());
                answer.completeExceptionally(Errors.UNKNOWN_SERVER_ERROR.exception());
            }
        });
        return answer;
    }

    private Errors notActive() {
        return state == State.LOADING ? Errors.COORDINATOR_LOAD_IN_PROGRESS : closedBecause;
    }

    private void runTimer(String key, Supplier<Decision<Void>> operation) {
        write(shard -> operation.get()).whenComplete((done, failure) -> {
            if (failure != null && state == State.ACTIVE) {
                mailbox.add(() -> timers.retry(key, operation));
            }
        });
    }

    private List<SimpleRecord> encode(List<CoordinatorRecord> records) {
        long nowMs = time.milliseconds();
        var encoded = new ArrayList<SimpleRecord>(records.size());
        for (var record : records) {
            encoded.add(RecordCodec.encode(record, nowMs));
        }
        if (BatchWriter.batchBytes(encoded) > log.maxBatchBytes()) {
            throw new RecordTooLargeException(
                    "What is to be written to " + log.name() + " is larger than one batch may be");
        }
        return encoded;
    }

    private void collect(List<SimpleRecord> records) {
        int bytes = BatchWriter.batchBytes(records);
        if (!batch.fits(bytes, log.maxBatchBytes())) {
            flush();
        }
        batch.add(records, bytes);
    }

    /** Should the shard not understand its own records, its state would not be what the log will say. */
    private void replay(List<CoordinatorRecord> records) {
        try {
            records.forEach(shard::replay);
        } catch (RuntimeException e) {
            broken(e);
            throw e;
        }
    }

    private void requireActive() {
        if (state != State.ACTIVE) {
            throw notActive().exception();
        }
    }

    private <T> Waiting waiting(Decision<T> decision, CompletableFuture<T> answer) {
        return new Waiting(
                -1,
                () -> {
                    decision.onCommitted().run();
                    answer.complete(decision.response());
                },
                answer);
    }

    /** Appends what was collected, and gives the answers that may be given. Runs after each turn of the mailbox. */
    private void flush() {
        if (state != State.ACTIVE) {
            return;
        }
        if (!batch.isEmpty()) {
            try {
                end = log.append(batch.take(), (short) 0);
            } catch (RuntimeException e) {
                broken(e);
                return;
            }
        }
        var written = unwritten.stream()
                .map(w -> new Waiting(end, w.committed(), w.answer()))
                .toList();
        unwritten.clear();
        uncommitted.addAll(written);
        commit();
        if (!uncommitted.isEmpty() && !written.isEmpty()) {
            limitWait(written);
        }
    }

    private void commit() {
        answerCommitted();
        if (uncommitted.isEmpty()) {
            progress.ifPresent(Subscription::close);
            progress = Optional.empty();
        } else if (progress.isEmpty()) {
            progress = Optional.of(log.onProgress(() -> mailbox.add(this::commit)));
            // It may have got on before it was listened to.
            answerCommitted();
        }
    }

    private void answerCommitted() {
        if (uncommitted.isEmpty() || state != State.ACTIVE) {
            return;
        }
        long committed;
        try {
            committed = log.committedEnd();
        } catch (ApiException leadsNoMore) {
            return;
        }
        for (var first = uncommitted.peek(); first != null && first.end() <= committed; first = uncommitted.peek()) {
            uncommitted.poll();
            try {
                first.committed().run();
            } catch (RuntimeException e) {
                LOG.errorf(e, "What coordinator %s does after a commit failed", log.name());
                first.answer().completeExceptionally(Errors.UNKNOWN_SERVER_ERROR.exception());
            }
        }
    }

    /** Who waits too long is told so; what is to be done at the commit is still done then. */
    private void limitWait(List<Waiting> waiting) {
        timer.schedule(
                commitTimeoutMs,
                () -> waiting.forEach(
                        w -> w.answer().completeExceptionally(Errors.COORDINATOR_NOT_AVAILABLE.exception())));
    }

    private void broken(RuntimeException e) {
        LOG.warnf("Coordinator %s is given up, its log took no more records: %s", log.name(), e.getMessage());
        batch.discard();
        end(Errors.NOT_COORDINATOR);
        onBroken.run();
    }
}
