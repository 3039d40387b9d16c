package io.odradek.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.ManualClock;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.requests.TransactionResult;
import org.junit.jupiter.api.Test;

/** One shard over a log whose commits and failures the test decides; threads are run by hand. */
class ShardActorTest {
    private static final long COMMIT_TIMEOUT_MS = 5_000;
    private static final short EPOCH = 3;

    private final ManualClock clock = new ManualClock(1_000);
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Queue<Runnable> loads = new ArrayDeque<>();
    private final InMemoryShardLog log = new InMemoryShardLog();
    private final AtomicInteger broken = new AtomicInteger();
    private final List<Register> shards = new ArrayList<>();
    private MetadataImage image = MetadataImage.EMPTY;

    private ShardActor<Register> actor() {
        var environment = new ShardEnvironment<>(
                Register.TYPES,
                context -> {
                    shards.add(new Register(context));
                    return shards.get(shards.size() - 1);
                },
                () -> image,
                tasks::add,
                loads::add,
                clock,
                clock,
                Uuid::randomUuid,
                COMMIT_TIMEOUT_MS,
                CompressionType.NONE);
        var actor = new ShardActor<>(log, environment, 0, broken::incrementAndGet);
        actor.load(loads::add);
        return actor;
    }

    private ShardActor<Register> loadedActor() {
        var actor = actor();
        run();
        return actor;
    }

    private Register shard() {
        return shards.get(shards.size() - 1);
    }

    private void run() {
        while (!loads.isEmpty() || !tasks.isEmpty()) {
            (loads.isEmpty() ? tasks : loads).poll().run();
        }
    }

    private static Errors error(CompletionStage<?> stage) {
        var failure = assertThrows(
                CompletionException.class, () -> stage.toCompletableFuture().join());
        return Errors.forException(failure.getCause());
    }

    private static boolean isDone(CompletionStage<?> stage) {
        return stage.toCompletableFuture().isDone();
    }

    private static <T> T value(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    @Test
    void operationsOfOneTurnAreOneAppendAndSeeEachOther() {
        var actor = loadedActor();

        var first = actor.write(shard -> shard.set("a", 1));
        var second = actor.write(shard -> shard.set("a", 2));
        var other = actor.write(shard -> shard.set("b", 3));
        run();

        assertEquals(-1, value(first));
        assertEquals(1, value(second));
        assertEquals(-1, value(other));
        assertEquals(1, log.appends());
    }

    @Test
    void aShardMadeFromTheLogIsTheShardThatWroteIt() {
        var actor = loadedActor();
        actor.write(shard -> shard.set("a", 1));
        actor.write(shard -> shard.set("b", 2));
        run();
        actor.write(shard -> shard.forget("a"));
        run();
        actor.close(Errors.NOT_COORDINATOR);

        loadedActor();

        assertEquals(Map.of("b", 2L), shard().numbers);
        assertEquals(shards.get(0).numbers, shard().numbers);
    }

    @Test
    void anAnswerWaitsForTheCommitAndTheShardHearsOfItFirst() {
        var actor = loadedActor();
        log.hold();
        var heard = new AtomicBoolean();
        var answer = actor.write(shard -> shard.set("a", 1).whenCommitted(() -> heard.set(true)));
        var heardBefore = answer.thenApply(x -> heard.get());
        var read = actor.read(shard -> shard.numbers.get("a"));
        run();
        assertFalse(isDone(answer));
        assertFalse(isDone(read), "a read may not tell what may be lost");

        log.commitAll();
        run();

        assertTrue(value(heardBefore));
        assertEquals(1, value(read));
        assertEquals(0, log.followers(), "nobody waits any more");
    }

    @Test
    void whoWaitsTooLongForTheCommitIsToldSo() {
        var actor = loadedActor();
        log.hold();
        var heard = new AtomicBoolean();
        var answer = actor.write(shard -> shard.set("a", 1).whenCommitted(() -> heard.set(true)));
        run();

        clock.advance(COMMIT_TIMEOUT_MS);
        assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, error(answer));
        assertFalse(heard.get());

        log.commitAll();
        run();
        assertTrue(heard.get(), "the shard still hears of the commit");
    }

    @Test
    void whileLoadingAndAfterTheEndNothingIsServed() {
        var actor = actor();
        assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, error(actor.read(shard -> 1)));
        run();
        log.hold();
        var waiting = actor.write(shard -> shard.set("a", 1));
        run();

        actor.close(Errors.NOT_COORDINATOR);
        run();

        assertEquals(Errors.NOT_COORDINATOR, error(waiting));
        assertEquals(Errors.NOT_COORDINATOR, error(actor.read(shard -> 1)));
        assertEquals(Errors.NOT_COORDINATOR, shard().unloadedBecause);
    }

    @Test
    void aShardClosedWhileItLoadsNeverServes() {
        var actor = actor();
        actor.close(Errors.NOT_COORDINATOR);
        run();

        assertEquals(Errors.NOT_COORDINATOR, error(actor.read(shard -> 1)));
        assertNull(shard().loadedWith);
        assertNull(shard().unloadedBecause, "it was not loaded, so there is nothing to undo");
    }

    @Test
    void aFailedAppendGivesTheShardUpAndTheNextOneHasWhatTheLogHas() {
        var actor = loadedActor();
        actor.write(shard -> shard.set("a", 1));
        run();
        log.failAppends(new KafkaStorageException("disk"));
        var first = actor.write(shard -> shard.set("a", 2));
        var second = actor.write(shard -> shard.set("b", 3));
        run();

        assertEquals(Errors.NOT_COORDINATOR, error(first));
        assertEquals(Errors.NOT_COORDINATOR, error(second));
        assertEquals(1, broken.get());
        assertEquals(Errors.NOT_COORDINATOR, shard().unloadedBecause);

        log.takeWritesAgain();
        loadedActor();
        assertEquals(Map.of("a", 1L), shard().numbers);
    }

    @Test
    void anOperationDoesNotRunWhileTheLogTakesNoWrites() {
        var actor = loadedActor();
        log.refuseWrites(new NotEnoughReplicasException("one of two"));
        var ran = new AtomicBoolean();

        var answer = actor.write(shard -> {
            ran.set(true);
            return shard.set("a", 1);
        });
        run();

        assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, error(answer));
        assertFalse(ran.get());
        log.refuseWrites(new NotLeaderOrFollowerException("moved"));
        var moved = actor.write(shard -> shard.set("a", 1));
        run();
        assertEquals(Errors.NOT_COORDINATOR, error(moved));
        assertEquals(0, broken.get());
    }

    @Test
    void aDecisionTooLargeForABatchChangesNothing() {
        var actor = loadedActor();
        log.maxBatchBytes(500);
        var answer = actor.write(shard -> shard.set("a".repeat(1000), 1));
        run();
        assertEquals(Errors.UNKNOWN_SERVER_ERROR, error(answer));
        assertEquals(Map.of(), shard().numbers);
        assertEquals(0, log.appends());
    }

    @Test
    void whatDoesNotFitIntoOneBatchGoesIntoTwo() {
        var actor = loadedActor();
        log.maxBatchBytes(500);
        var answers = new ArrayList<CompletionStage<Long>>();
        for (int i = 0; i < 5; i++) {
            var name = String.valueOf(i).repeat(150);
            answers.add(actor.write(shard -> shard.set(name, 1)));
        }
        run();

        answers.forEach(answer -> assertEquals(-1, value(answer)));
        assertTrue(log.appends() > 1, log.appends() + " appends");
        loadedActor();
        assertEquals(5, shard().numbers.size());
    }

    @Test
    void anOperationThatThrowsFailsAlone() {
        var actor = loadedActor();
        var refused = actor.write(shard -> {
            throw new InvalidTxnStateException("no");
        });
        var bug = actor.write(shard -> {
            throw new IllegalStateException("bug");
        });
        var good = actor.write(shard -> shard.set("a", 1));
        run();

        assertEquals(Errors.INVALID_TXN_STATE, error(refused));
        assertEquals(Errors.UNKNOWN_SERVER_ERROR, error(bug));
        assertEquals(-1, value(good));
    }

    @Test
    void recordsOfATransactionCountWithItsMarker() {
        var actor = loadedActor();
        actor.writeTransactional(5, EPOCH, (short) 2, shard -> shard.set("committed", 1));
        actor.writeTransactional(6, EPOCH, (short) 2, shard -> shard.set("aborted", 2));
        actor.writeTransactional(7, EPOCH, (short) 2, shard -> shard.set("open", 3));
        run();
        assertEquals(Map.of(), shard().numbers);

        actor.endTransaction(5, EPOCH, 1, TransactionResult.COMMIT, (short) 2);
        actor.endTransaction(6, EPOCH, 1, TransactionResult.ABORT, (short) 2);
        run();

        assertEquals(Map.of("committed", 1L), shard().numbers);
        loadedActor();
        assertEquals(Map.of("committed", 1L), shard().numbers);
        assertEquals(Map.of(7L, Map.of("open", 3L)), shard().pending);
    }

    @Test
    void aRefusedMarkerOrTransactionalWriteLeavesTheShardAlone() {
        var actor = loadedActor();
        log.failAppends(Errors.INVALID_PRODUCER_EPOCH.exception());

        var write = actor.writeTransactional(5, EPOCH, (short) 2, shard -> shard.set("a", 1));
        var marker = actor.endTransaction(5, EPOCH, 1, TransactionResult.COMMIT, (short) 2);
        run();

        assertEquals(Errors.INVALID_PRODUCER_EPOCH, error(write));
        assertEquals(Errors.INVALID_PRODUCER_EPOCH, error(marker));
        assertEquals(0, broken.get());
        assertEquals(Map.of(), shard().pending);
    }

    @Test
    void timersRunOnceUnlessCancelledOrReplaced() {
        var actor = loadedActor();
        var timers = shard().context.timers();
        timers.schedule("a", 100, () -> shard().forget("a"));
        timers.schedule("b", 100, () -> Decision.of(List.of(Register.record("b", 1))));
        timers.schedule("c", 100, () -> Decision.of(List.of(Register.record("c", 1))));
        timers.schedule("c", 200, () -> Decision.of(List.of(Register.record("c", 2))));
        timers.cancel("a");

        clock.advance(100);
        run();
        assertEquals(Map.of("b", 1L), shard().numbers);
        clock.advance(100);
        run();
        assertEquals(Map.of("b", 1L, "c", 2L), shard().numbers);
        actor.close(Errors.NOT_COORDINATOR);
        run();
        assertEquals(0, clock.scheduled());
    }

    @Test
    void aTimerCancelledWhileItStandsInTheMailboxDoesNotRun() {
        loadedActor();
        var timers = shard().context.timers();
        timers.schedule("a", 100, () -> Decision.of(List.of(Register.record("a", 1))));
        clock.advance(100);
        timers.cancel("a");
        run();
        assertEquals(Map.of(), shard().numbers);
    }

    @Test
    void aTimerThatCouldNotWriteRunsAgain() {
        loadedActor();
        log.refuseWrites(new NotEnoughReplicasException("one of two"));
        shard().context.timers().schedule("a", 100, () -> Decision.of(List.of(Register.record("a", 1))));
        clock.advance(100);
        run();
        assertEquals(Map.of(), shard().numbers);

        log.takeWritesAgain();
        clock.advance(1000);
        run();
        assertEquals(Map.of("a", 1L), shard().numbers);
    }

    @Test
    void changesOfTheMetadataThatTheShardWasLoadedWithAreNotToldAgain() {
        var store = new InMemoryMetadataStore(1);
        var changes = new ArrayList<MetadataChange>();
        store.addListener(changes::add);
        changes.clear();
        store.apply(new Command.InitializeCluster("cluster", Features.latest()));
        image = store.image();
        var actor = loadedActor();
        actor.onChange(changes.get(0));
        store.apply(new Command.RegisterBroker(
                1, Uuid.randomUuid(), List.of(), java.util.Optional.empty(), Features.supported()));
        actor.onChange(changes.get(1));
        run();

        assertEquals(image, shard().loadedWith);
        assertEquals(List.of(changes.get(1)), shard().changes);
        assertEquals(Set.of(1), shard().changes.get(0).brokers());
    }
}
