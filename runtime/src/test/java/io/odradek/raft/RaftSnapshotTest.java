package io.odradek.raft;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots between nodes over TCP, while commands go on. */
class RaftSnapshotTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private LoopbackCluster cluster;

    @BeforeEach
    void threeVoters() throws IOException {
        cluster = new LoopbackCluster(directory, 3);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void initialize() {
        cluster.start(1, 2, 3);
        propose(new Command.InitializeCluster("cluster", Map.of()));
        propose(TestCommands.registerBroker(1));
    }

    private <R> R propose(Command<R> command) {
        return LoopbackCluster.propose(cluster.node(1), command);
    }

    private void awaitSameImages() {
        cluster.awaitSameImages();
        assertEquals(Map.of(), cluster.failures);
    }

    /** Proposes until it is closed. */
    private final class Load implements AutoCloseable {
        private final AtomicBoolean on = new AtomicBoolean(true);
        private final AtomicInteger done = new AtomicInteger();
        private final Semaphore inFlight = new Semaphore(50);
        private final CompletableFuture<Void> ended = new CompletableFuture<>();

        Load(String name) {
            new Thread(() -> run(name), "load").start();
        }

        private void run(String name) {
            var proposed = new ArrayList<CompletableFuture<?>>();
            try {
                for (int i = 0; on.get(); i++) {
                    inFlight.acquire();
                    proposed.add(cluster.node(1)
                            .propose(TestCommands.createTopic(name + i))
                            .whenComplete((topic, failure) -> {
                                inFlight.release();
                                done.incrementAndGet();
                            })
                            .toCompletableFuture());
                }
                CompletableFuture.allOf(proposed.toArray(CompletableFuture[]::new))
                        .orTimeout(40, TimeUnit.SECONDS)
                        .join();
                ended.complete(null);
            } catch (InterruptedException | RuntimeException e) {
                ended.completeExceptionally(e);
            }
        }

        void await(int more) {
            int wanted = done.get() + more;
            org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> done.get() >= wanted || ended.isDone());
        }

        /** None of them may have failed. */
        @Override
        public void close() {
            on.set(false);
            ended.orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    @Test
    void aVoterThatWasAwayCatchesUpBySnapshotUnderLoad() {
        cluster.snapshotAfterBytes = 20_000;
        initialize();
        awaitSameImages();
        for (int round = 0; round < 3; round++) {
            int away = cluster.activeController() == 3 ? 2 : 3;
            try (var load = new Load("round-" + round + "-")) {
                load.await(50);
                cluster.stop(away);
                long had = cluster.nodes().stream()
                        .mapToLong(each -> each.status().appliedIndex())
                        .max()
                        .orElseThrow();
                await().atMost(PATIENCE).until(() -> cluster.nodes().stream()
                        .allMatch(each -> each.status().snapshotIndex() > had));
                cluster.start(away);
                load.await(200);
                var back = cluster.node(away).status();
                assertTrue(back.snapshotIndex() > had, "what it lacked is in no log: " + back);
            }
            awaitSameImages();
        }
    }

    /** Each topic has a setting that is long; what that means does not matter here. */
    private void grow(int topics) {
        var proposed = new ArrayList<CompletableFuture<?>>();
        for (int i = 0; i < topics; i++) {
            var command = new Command.CreateTopic(
                    Uuid.randomUuid(),
                    "large-" + i,
                    1,
                    (short) 1,
                    Map.of(),
                    Map.of("follower.replication.throttled.replicas", "1:1,".repeat(8_000) + "1:1"));
            proposed.add(cluster.node(1).propose(command).toCompletableFuture().orTimeout(40, TimeUnit.SECONDS));
            if (proposed.size() == 16) {
                proposed.forEach(CompletableFuture::join);
                proposed.clear();
            }
        }
        proposed.forEach(CompletableFuture::join);
    }

    @Test
    void aLearnerGetsManyMegabytesAndTheGroupGoesOnMeanwhile() throws IOException {
        cluster.snapshotAfterBytes = 8 << 20;
        initialize();
        grow(600);
        await().atMost(PATIENCE).until(() -> cluster.nodes().stream()
                .allMatch(each -> each.status().snapshotIndex() > 0));
        long term = cluster.node(1).status().term();
        try (var load = new Load("small-")) {
            load.await(50);
            cluster.start(4);
            load.await(50);
        }
        awaitSameImages();
        assertEquals(term, cluster.node(1).status().term(), "nobody took the leader for dead");
        assertTrue(cluster.node(4).status().snapshotIndex() > 0);
        assertTrue(Files.size(cluster.directory(4).resolve(SnapshotFile.NAME)) > 8 << 20);
        assertTrue(cluster.node(4).stack().raft().numSnapshots() == 0, "it is the leader's");
    }
}
