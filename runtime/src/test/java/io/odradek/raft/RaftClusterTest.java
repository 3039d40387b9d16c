package io.odradek.raft;

import static io.odradek.raft.LoopbackCluster.propose;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.QuorumState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.DuplicateVoterException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.VoterNotFoundException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several nodes over TCP, in one JVM. */
class RaftClusterTest {
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
        await().untilAsserted(() -> assertEquals(List.of(), threads()));
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("raft-") || name.contains("voting") || name.contains("jgroups"))
                .toList();
    }

    private void initialize() {
        propose(cluster.node(1), new Command.InitializeCluster("cluster", Map.of()));
        propose(cluster.node(1), TestCommands.registerBroker(1));
    }

    @Test
    void threeElectCommitAndForward() {
        cluster.start(1, 2, 3);
        await().until(() -> cluster.activeController() > 0);
        initialize();
        for (int id = 1; id <= 3; id++) {
            var topic = propose(cluster.node(id), TestCommands.createTopic("t" + id));
            assertEquals(
                    topic, cluster.node(id).image().topics().byName("t" + id).orElseThrow());
            var refused = assertThrows(
                    CompletionException.class, () -> propose(cluster.node(1), TestCommands.createTopic(topic.name())));
            assertInstanceOf(TopicExistsException.class, refused.getCause());
        }
        cluster.awaitSameImages();
        for (var each : cluster.nodes()) {
            assertEquals(Set.of(1, 2, 3), each.members().nodes());
            assertTrue(each.members().quorum());
            assertEquals(cluster.activeController(), each.quorum().leaderId());
            assertEquals(3, each.quorum().voters().size());
        }
    }

    @Test
    void manyFromAllSidesAreAppliedOnceEach() {
        cluster.start(1, 2, 3);
        initialize();
        var proposed = new ArrayList<CompletableFuture<?>>();
        for (int i = 0; i < 3000; i++) {
            proposed.add(cluster.node(1 + i % 3)
                    .propose(TestCommands.createTopic("t" + i))
                    .toCompletableFuture()
                    .orTimeout(40, TimeUnit.SECONDS));
        }
        proposed.forEach(CompletableFuture::join);
        cluster.awaitSameImages();
        assertEquals(3002, cluster.node(1).image().commands());
    }

    @Test
    void survivesTheLossOfAnyOne() {
        cluster.start(1, 2, 3);
        initialize();
        int number = 0;
        for (int lost = 1; lost <= 3; lost++) {
            await().until(() -> cluster.activeController() > 0);
            int going = lost == 3 ? cluster.activeController() : lost; // at last, certainly the leader
            var proposed = new ArrayList<CompletableFuture<?>>();
            for (var node : cluster.nodes()) {
                if (node != cluster.node(going)) {
                    for (int i = 0; i < 50; i++) {
                        proposed.add(node.propose(TestCommands.createTopic("t" + number++))
                                .toCompletableFuture()
                                .orTimeout(40, TimeUnit.SECONDS));
                    }
                }
            }
            cluster.stop(going);
            proposed.forEach(CompletableFuture::join);
            assertTrue(cluster.nodes().stream()
                    .allMatch(each -> each.members().nodes().size() == 2));
            cluster.start(going);
            cluster.awaitSameImages();
        }
        assertEquals(number + 2, cluster.node(1).image().commands(), "none lost, none twice");
    }

    @Test
    void withoutAMajorityNothingIsDecidedAndAfterwardsAllIs() {
        cluster.start(1, 2, 3);
        initialize();
        cluster.stop(2);
        cluster.stop(3);
        await().until(() -> !cluster.node(1).members().quorum());
        assertFalse(cluster.node(1).members().activeController());
        var waiting = cluster.node(1).propose(TestCommands.createTopic("t")).toCompletableFuture();
        assertFalse(waiting.isDone());
        cluster.start(3);
        waiting.orTimeout(30, TimeUnit.SECONDS).join();
        cluster.awaitSameImages();
    }

    @Test
    void allRestart() {
        cluster.start(1, 2, 3);
        initialize();
        propose(cluster.node(2), TestCommands.createTopic("t"));
        cluster.awaitSameImages();
        var before = cluster.node(1).image();
        cluster.close();
        cluster.start(1, 2, 3);
        for (var each : cluster.nodes()) {
            assertEquals(before.digest(), each.image().digest());
            assertEquals(before.commands(), each.image().commands());
        }
    }

    @Test
    void aLearnerFollowsForwardsAndDoesNotVote() {
        cluster.start(1, 2, 3);
        initialize();
        cluster.start(4);
        propose(cluster.node(4), TestCommands.createTopic("t"));
        cluster.awaitSameImages();
        await().untilAsserted(() ->
                assertEquals(Set.of(1, 2, 3, 4), cluster.node(2).members().nodes()));
        assertEquals(
                List.of(4),
                cluster.node(1).quorum().observers().stream()
                        .map(each -> each.nodeId())
                        .toList());
        cluster.stop(2);
        cluster.stop(3);
        await().until(() -> !cluster.node(1).members().quorum());
        assertFalse(cluster.node(1).members().activeController());
    }

    @Test
    void votersAreAddedAndRemovedAtAnyNode() {
        cluster.start(1, 2, 3);
        initialize();
        assertInstanceOf(
                InvalidRequestException.class, failure(cluster.node(1).voters().add(4)), "is not there");
        cluster.start(4);
        for (int id = 1; id <= 4; id++) { // at the leader, and elsewhere
            assertInstanceOf(
                    DuplicateVoterException.class,
                    failure(cluster.node(id).voters().add(id % 3 + 1)));
        }
        join(cluster.node(4).voters().add(4));
        assertInstanceOf(
                VoterNotFoundException.class, failure(cluster.node(2).voters().remove(5)));
        int follower = cluster.activeController() % 3 + 1;
        join(cluster.node(4).voters().remove(follower));
        var left = new TreeSet<>(Set.of(1, 2, 3, 4));
        left.remove(follower);
        await().untilAsserted(() -> {
            for (var each : cluster.nodes()) {
                assertEquals(
                        List.copyOf(left),
                        each.quorum().voters().stream()
                                .map(QuorumState.Replica::nodeId)
                                .toList());
            }
        });
        cluster.stop(follower);
        propose(cluster.node(4), TestCommands.createTopic("t"));
        cluster.awaitSameImages();
        cluster.close(); // whatever the setting says, the log knows
        cluster.start(left.toArray(Integer[]::new));
        assertEquals(
                List.copyOf(left),
                cluster.node(4).quorum().voters().stream()
                        .map(QuorumState.Replica::nodeId)
                        .toList());
    }

    private static void join(CompletionStage<Void> change) {
        change.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static Throwable failure(CompletionStage<Void> change) {
        return assertThrows(CompletionException.class, () -> join(change)).getCause();
    }

    @Test
    void anEmptyDiskIsFilledByASnapshot() throws IOException {
        cluster.snapshotAfterBytes = 2000;
        cluster.start(1, 2, 3);
        initialize();
        cluster.stop(3);
        for (int i = 0; i < 200; i++) {
            propose(cluster.node(1), TestCommands.createTopic("t" + i));
        }
        assertTrue(cluster.node(1).status().snapshotIndex() > 0
                || cluster.node(2).status().snapshotIndex() > 0);
        wipe(3);
        cluster.start(3);
        cluster.awaitSameImages();
        assertEquals(202, cluster.node(3).image().commands());
        propose(cluster.node(3), TestCommands.createTopic("after"));
    }

    /** Of three voters one has all its data, one lost its disk, the third was away: the second must not help to elect the third. */
    @Test
    void aVoterThatLostItsDiskWaitsForOneThatKnowsMore() throws IOException {
        cluster.start(1, 2, 3);
        initialize();
        cluster.awaitSameImages();
        cluster.stop(3);
        propose(cluster.node(1), TestCommands.createTopic("t")); // 1 and 2 have it
        cluster.stop(2);
        cluster.stop(1);
        wipe(2);
        var blank = cluster.starting(2);
        var behind = cluster.starting(3);
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(60))
                .until(() -> !blank.isDone() && !behind.isDone());
        cluster.start(1);
        cluster.running.put(2, blank.orTimeout(60, TimeUnit.SECONDS).join());
        cluster.running.put(3, behind.orTimeout(60, TimeUnit.SECONDS).join());
        cluster.awaitSameImages();
        assertTrue(cluster.node(2).image().topics().byName("t").isPresent());
        await().until(() -> !cluster.node(2).stack().raft().isBlank());
        cluster.stop(1);
        propose(cluster.node(2), TestCommands.createTopic("counts-again"));
    }

    @Test
    void aNewClusterIsFormedWhenAllVotersAreThere() {
        var first = cluster.starting(1);
        var second = cluster.starting(2);
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(60))
                .until(() -> !first.isDone() && !second.isDone());
        cluster.start(3);
        cluster.running.put(1, first.orTimeout(60, TimeUnit.SECONDS).join());
        cluster.running.put(2, second.orTimeout(60, TimeUnit.SECONDS).join());
        initialize();
        cluster.awaitSameImages();
    }

    @Test
    void aStartThatWaitsForAQuorumCanBeAbandoned() {
        var abandoned = new CompletableFuture<Void>();
        var starting =
                CompletableFuture.supplyAsync(() -> RaftMetadata.start(cluster.config(1), failure -> {}, abandoned));
        await().until(() -> Thread.getAllStackTraces().values().stream()
                .anyMatch(stack -> List.of(stack).toString().contains("RaftMetadata.awaitServing")));
        abandoned.complete(null);
        var failure = assertThrows(CompletionException.class, () -> starting.orTimeout(30, TimeUnit.SECONDS)
                .join());
        assertInstanceOf(StartAbandonedException.class, failure.getCause());
        cluster.start(1, 2, 3);
        initialize();
    }

    private void wipe(int id) throws IOException {
        try (var files = Files.walk(cluster.directory(id))) {
            files.filter(Files::isRegularFile).forEach(file -> file.toFile().delete());
        }
    }

    /** The leader is made to tell one node a digest that it does not have. */
    @Test
    void aNodeThatDivergedStopsAndFetchesEverythingAnew() {
        cluster.start(1, 2, 3);
        initialize();
        cluster.awaitSameImages();
        int leader = cluster.activeController();
        int odd = leader % 3 + 1;
        var image = cluster.node(leader).image();
        cluster.node(leader)
                .stack()
                .send(
                        cluster.node(odd).stack().raft().getAddress(),
                        new NodeMessage.Digest(image.appliedIndex(), image.digest() + 1));
        await().until(() -> cluster.failures.containsKey(odd));
        assertTrue(
                cluster.failures.get(odd).getMessage().contains("differs from the leader's"),
                cluster.failures.get(odd).getMessage());
        cluster.stop(odd);
        cluster.start(odd);
        propose(cluster.node(odd), TestCommands.createTopic("t"));
        cluster.awaitSameImages();
    }

    /** Its heartbeats would go on: so it leaves, and the others need not wait for a restart. */
    @Test
    void aLeaderThatFailsIsReplacedAtOnce() {
        cluster.start(1, 2, 3);
        initialize();
        cluster.awaitSameImages();
        int leader = cluster.activeController();
        var stack = cluster.node(leader).stack();
        stack.raft().post(() -> {
            throw new IllegalStateException("its disk is full");
        });
        await().until(() -> cluster.failures.containsKey(leader));
        int other = leader % 3 + 1;
        propose(cluster.node(other), TestCommands.createTopic("t"));
        await().untilAsserted(() -> assertEquals(
                Set.of(other, other % 3 + 1), cluster.node(other).members().nodes()));
        await().untilAsserted(() -> assertFalse(cluster.node(leader).members().quorum()));
        cluster.stop(leader);
        cluster.start(leader);
        cluster.awaitSameImages();
    }

    @Test
    void membersAreToldInOrder() {
        cluster.start(1, 2, 3);
        var heard = new CopyOnWriteArrayList<Members>();
        cluster.node(1).addMembersListener(heard::add);
        assertEquals(cluster.node(1).members(), heard.get(0));
        cluster.stop(3);
        await().until(() -> heard.stream().anyMatch(each -> each.nodes().equals(Set.of(1, 2))));
        cluster.start(3);
        await().until(() -> heard.get(heard.size() - 1).nodes().equals(Set.of(1, 2, 3)));
        for (int i = 1; i < heard.size(); i++) {
            assertFalse(heard.get(i).equals(heard.get(i - 1)));
        }
    }

    @Test
    void aNodeOfAnotherClusterIsRefused() {
        cluster.start(1, 2, 3);
        cluster.clusterId = "other";
        var refused = assertThrows(CompletionException.class, () -> cluster.start(4));
        assertInstanceOf(RaftException.class, refused.getCause());
        assertTrue(
                refused.getCause()
                        .getMessage()
                        .endsWith("refuses node 4: it belongs to cluster other, this is cluster cluster"),
                refused.getCause().getMessage());
        assertEquals(Set.of(1, 2, 3), cluster.node(1).members().nodes());
    }

    @Test
    void theIdOfALiveNodeIsRefused(@TempDir Path other) throws IOException {
        cluster.start(1, 2, 3);
        cluster.start(4);
        try (var twin = new LoopbackCluster(other, 1)) {
            var config = twin.config(4).in(cluster.config(4).cluster().orElseThrow());
            var refused = assertThrows(
                    CompletionException.class, () -> cluster.starting(config).join());
            assertTrue(
                    refused.getCause().getMessage().endsWith("refuses node 4: its id is that of a live node"),
                    refused.getCause().getMessage());
        }
        assertEquals(Set.of(1, 2, 3, 4), cluster.node(4).members().nodes());
        assertEquals(Map.of(), cluster.failures);
    }

    @Test
    void aPortInUseIsToldInOneLine() {
        cluster.start(1, 2, 3);
        var taken = cluster.voters.get(1);
        var several = cluster.config(4).cluster().orElseThrow();
        var config = cluster.config(4)
                .in(new ClusterConfig(
                        several.voters(), taken, several.discovery(), several.security(), several.failureDetection()));
        var refused = assertThrows(
                CompletionException.class, () -> cluster.starting(config).join());
        assertInstanceOf(RaftException.class, refused.getCause());
        assertEquals(1, refused.getCause().getMessage().lines().count());
        assertTrue(refused.getCause().getMessage().contains(String.valueOf(taken.port())), refused.getMessage());
    }

    @Test
    void aSharedSecretEncryptsAndKeepsOthersOut() {
        cluster.security = new TransportSecurity.Tls(ClusterSecret.context("correct horse battery staple"));
        cluster.start(1, 2, 3);
        initialize();
        propose(cluster.node(3), TestCommands.createTopic("t"));
        cluster.awaitSameImages();
        MetadataImage image = cluster.node(1).image();
        for (var wrong : List.of(
                new TransportSecurity.Tls(ClusterSecret.context("correct horse battery maple")),
                new TransportSecurity.Plaintext())) {
            cluster.security = wrong;
            var stranger = cluster.starting(4);
            await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(60)).until(() -> cluster.nodes().stream()
                    .allMatch(each -> each.members().nodes().equals(Set.of(1, 2, 3))));
            assertFalse(stranger.isDone());
            cluster.interruptStarts();
            assertThrows(CompletionException.class, stranger::join);
        }
        assertEquals(image.digest(), cluster.node(2).image().digest());
    }
}
