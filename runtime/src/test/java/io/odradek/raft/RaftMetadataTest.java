package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.TopicImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RaftMetadataTest {
    @TempDir
    Path directory;

    private RaftMetadata metadata;
    private final AtomicReference<RaftException> failure = new AtomicReference<>();

    private void start(long snapshotAfterBytes) {
        metadata = RaftMetadata.start(new RaftConfig(directory, "cluster", 1, snapshotAfterBytes, 4096), failure::set);
    }

    @AfterEach
    void close() {
        if (metadata != null) {
            metadata.close();
        }
        Awaitility.await().untilAsserted(() -> assertEquals(List.of(), threads()));
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("raft-") || name.contains("voting") || name.contains("jgroups"))
                .toList();
    }

    private <R> R propose(Command<R> command) {
        return metadata.propose(command)
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    private void initialize() {
        propose(new Command.InitializeCluster("cluster", Map.of()));
        propose(TestCommands.registerBroker(1));
    }

    @Test
    void leadsAtOnceAndAnswersWithTheResult() {
        start(1 << 20);
        assertEquals(1, metadata.quorum().leaderId());
        assertEquals(MetadataImage.EMPTY.clusterId(), metadata.image().clusterId());
        initialize();
        TopicImage topic = propose(TestCommands.createTopic("t"));
        assertEquals("t", topic.name());
        assertEquals(topic, metadata.image().topics().byName("t").orElseThrow());
        var status = metadata.status();
        assertEquals(5, status.appliedIndex()); // the leader's no-op and the barrier first
        assertEquals(status.appliedIndex(), metadata.image().appliedIndex());
        assertEquals(5, status.commitIndex());
        assertEquals(1, status.term());
        assertEquals(0, status.queuedCommands());
    }

    @Test
    void aRefusedCommandFailsWithItsKafkaException() {
        start(1 << 20);
        initialize();
        propose(TestCommands.createTopic("t"));
        var refused = assertThrows(CompletionException.class, () -> propose(TestCommands.createTopic("t")));
        assertInstanceOf(TopicExistsException.class, refused.getCause());
    }

    @Test
    void listenersHearEachStepInOrderBeforeTheProposer() {
        start(1 << 20);
        initialize();
        var heard = new ArrayList<MetadataChange>();
        metadata.addListener(heard::add);
        assertEquals(MetadataImage.EMPTY, heard.get(0).before());
        assertEquals(metadata.image(), heard.get(0).after());
        var proposed = new ArrayList<CompletableFuture<Integer>>();
        for (int i = 0; i < 1000; i++) {
            var name = "t" + i;
            proposed.add(metadata.propose(TestCommands.createTopic(name))
                    .toCompletableFuture()
                    .thenApply(topic -> heard.size()));
        }
        for (int i = 0; i < proposed.size(); i++) {
            assertTrue(proposed.get(i).orTimeout(60, TimeUnit.SECONDS).join() >= i + 2);
        }
        assertEquals(1001, heard.size());
        for (int i = 1; i < heard.size(); i++) {
            assertEquals(heard.get(i - 1).after(), heard.get(i).before());
            assertTrue(heard.get(i).after().topics().byName("t" + (i - 1)).isPresent());
        }
        assertTrue(metadata.status().appliedIndex() < 1000, "commands share entries");
    }

    @Test
    void aListenersBugStopsNobody() {
        start(1 << 20);
        initialize();
        metadata.addListener(change -> {
            throw new IllegalStateException("listener");
        });
        assertEquals("t", propose(TestCommands.createTopic("t")).name());
    }

    @Test
    void everythingIsThereAfterARestartWithAndWithoutSnapshots() throws IOException {
        start(1000);
        initialize();
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < 20; i++) {
                propose(TestCommands.createTopic("t" + round + "-" + i));
            }
            var before = metadata.image();
            Awaitility.await().until(() -> metadata.status().snapshotIndex() > 0);
            var snapshot = metadata.status().snapshotIndex();
            metadata.close();
            start(round % 2 == 0 ? 1 << 20 : 1000);
            assertEquals(before.at(0), metadata.image().at(0));
            assertEquals(before.digest(), metadata.image().digest());
            assertEquals(round + 2, metadata.status().term());
            assertTrue(metadata.status().snapshotIndex() >= snapshot);
        }
    }

    @Test
    void theDirectoryOfAnotherNodeOrClusterIsRefused() {
        start(1 << 20);
        metadata.close();
        metadata = null;
        var otherNode = assertThrows(
                RaftException.class, () -> RaftMetadata.start(RaftConfig.of(directory, "cluster", 2), failure::set));
        assertTrue(otherNode.getMessage().contains("belongs to node 1, not to node 2"), otherNode.getMessage());
        var otherCluster = assertThrows(
                RaftException.class, () -> RaftMetadata.start(RaftConfig.of(directory, "other", 1), failure::set));
        assertTrue(otherCluster.getMessage().contains("belongs to cluster cluster"), otherCluster.getMessage());
        start(1 << 20); // the refused starts have let go of the directory
    }

    @Test
    void aDamagedLogIsRefusedAndLeavesNoThread() throws IOException {
        start(1 << 20);
        initialize();
        metadata.close();
        metadata = null;
        var segment = directory.resolve(Journal.fileName(1));
        var bytes = Files.readAllBytes(segment);
        bytes[bytes.length / 2] ^= 1;
        Files.write(segment, bytes);
        var refused = assertThrows(RaftException.class, () -> start(1 << 20));
        assertTrue(refused.getMessage().contains(segment + " is damaged at position "), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
    }

    @Test
    void aStartThatCannotWriteFailsAndLeavesNoThread() {
        for (int failAt = 0; failAt < 5; failAt++) { // segment, header, term, vote, no-op
            var storage = new ForgetfulStorage(1);
            storage.runOutOfSpaceAt(failAt);
            var config = RaftConfig.of(directory, "cluster", 1);
            var refused = assertThrows(RaftException.class, () -> RaftMetadata.start(config, storage, failure::set));
            assertTrue(refused.getMessage().contains("No space left on device"), refused.getMessage());
        }
        assertEquals(null, failure.get(), "told by the exception alone");
    }

    @Test
    void theFirstFailedWriteStopsTheNode() {
        var storage = new ForgetfulStorage(1);
        metadata = RaftMetadata.start(RaftConfig.of(directory, "cluster", 1), storage, failure::set);
        initialize();
        storage.runOutOfSpaceAt(0);
        var proposed = new ArrayList<CompletableFuture<?>>();
        for (int i = 0; i < 100; i++) {
            proposed.add(metadata.propose(TestCommands.createTopic("t" + i)).toCompletableFuture());
        }
        for (var each : proposed) {
            var cause = assertThrows(CompletionException.class, () -> each.orTimeout(60, TimeUnit.SECONDS)
                    .join());
            assertInstanceOf(NotControllerException.class, cause.getCause());
        }
        Awaitility.await().until(() -> failure.get() != null); // told after the proposers
        assertTrue(failure.get().getMessage().contains("No space left on device"));
        assertEquals(-1, metadata.quorum().leaderId());
        assertEquals(0, metadata.image().topics().size());
        assertEquals(0, storage.operationsAfterFailure);
        metadata.close();
        assertEquals(0, storage.operationsAfterFailure);
    }

    @Test
    void proposalsAfterCloseAreRefused() {
        start(1 << 20);
        initialize();
        metadata.close();
        var refused = assertThrows(CompletionException.class, () -> propose(TestCommands.createTopic("t")));
        assertInstanceOf(NotControllerException.class, refused.getCause());
        metadata.close();
    }

    @Test
    void closeLetsWhatIsInFlightEnd() {
        start(1 << 20);
        initialize();
        var proposed = new ArrayList<CompletableFuture<?>>();
        for (int i = 0; i < 3000; i++) {
            proposed.add(metadata.propose(TestCommands.createTopic("t" + i)).toCompletableFuture());
        }
        metadata.close();
        long applied = proposed.stream()
                .filter(each -> !each.isCompletedExceptionally())
                .count();
        assertTrue(proposed.stream().allMatch(CompletableFuture::isDone));
        assertEquals(applied, metadata.image().topics().size());
    }

    @Test
    void severalBrokersInOneJvm(@TempDir Path other) {
        start(1 << 20);
        initialize();
        try (var second = RaftMetadata.start(RaftConfig.of(other, "cluster", 1), failure::set)) {
            propose(TestCommands.createTopic("t"));
            assertFalse(second.image().topics().byName("t").isPresent());
            assertEquals(1, second.quorum().leaderId());
            second.propose(new Command.InitializeCluster("cluster", Map.of()))
                    .toCompletableFuture()
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        }
        assertEquals(null, failure.get());
    }
}
