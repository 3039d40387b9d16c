package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.odradek.cli.Cli;
import io.odradek.peer.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.tools.MetadataQuorumCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node in a process of its own is joined by others, which get votes and lose them again by command, while producers work
 * and processes are killed: what was acknowledged is there.
 */
class VotersIT {
    private static final String TOPIC = "outlives";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path home;

    private final ObjectMapper json = new ObjectMapper();
    private final History history = new History();
    private ClusterProcesses cluster;

    @Test
    void oneVoterBecomesThreeAndOneAgain() throws Exception {
        try (var started = ClusterProcesses.growing(home, 3);
                var load = new ProducerLoad(started.bootstrap(), TOPIC, 2, history, 1)) {
            cluster = started;
            cluster.start();
            createTopic();
            load.start("none", "lz4");
            assertEquals(List.of(1), quorum("voters"));
            await().atMost(PATIENCE).until(() -> quorum("observers").equals(List.of(2, 3)));
            refusals();

            voters("--add", "2").succeeds();
            voters("--add", "3").succeeds();
            assertEquals(List.of(1, 2, 3), quorum("voters"));
            voters("--add", "3").fails("node 3 votes already");
            kafkaToolDescribesThree();
            awaitProgress("three vote");

            int leader = leader();
            cluster.node(leader).kill();
            awaitProgress("two of three voters");
            voters("--remove", String.valueOf(leader)).succeeds();
            voters("--add", String.valueOf(leader))
                    .fails("node " + leader + " is not there: start it before it gets a vote");
            cluster.node(leader).start();
            voters("--add", String.valueOf(leader)).succeeds();
            assertEquals(List.of(1, 2, 3), quorum("voters"));
            awaitInSync();

            voters("--remove", String.valueOf(leader())).succeeds(); // another takes over
            int last = leader();
            int other = quorum("voters").stream()
                    .filter(id -> id != last)
                    .findFirst()
                    .orElseThrow();
            cluster.node(other).kill();
            await().atMost(PATIENCE).until(() -> leader() == -1);
            voters("--remove", String.valueOf(other), "--timeout", "3")
                    .fails("no controller is active: a majority of the voters must be up");
            cluster.node(other).start();
            awaitProgress("two voters are back");
            kafkaTool(
                    "remove-controller",
                    "--controller-id",
                    other + "",
                    "--controller-directory-id",
                    Uuid.ZERO_UUID + "");
            await().atMost(PATIENCE).until(() -> quorum("voters").equals(List.of(last)));
            voters("--remove", String.valueOf(last)).fails("node " + last + " is the last that votes");
            awaitInSync();
            cluster.node(other).kill(); // it has no say any more
            awaitProgress("one voter");
            cluster.node(other).start();
            awaitInSync();
            load.stop();
            history.check(History.read(cluster.bootstrap(), TOPIC));
        } catch (Throwable e) {
            throw new AssertionError(cluster == null ? "not started" : cluster.output(), e);
        }
    }

    private void refusals() {
        voters("--add", "9").fails("node 9 is not there: start it before it gets a vote");
        voters("--add", "1").fails("node 1 votes already");
        voters("--remove", "2").fails("node 2 does not vote");
        voters("--remove", "1").fails("node 1 is the last that votes");
        int nobody = Ports.free();
        Cli.run("cluster", "voters", "--add", "2", "-b", "127.0.0.1:" + nobody)
                .fails("cannot connect to 127.0.0.1:" + nobody + ": Connection refused");
        var both = voters("--add", "2", "--remove", "1");
        assertEquals(2, both.status(), both.err());
    }

    private void kafkaToolDescribesThree() throws Exception {
        var replication = kafkaTool("describe", "--replication");
        assertEquals(
                3,
                replication
                        .lines()
                        .filter(line -> line.matches("[123]\\s.*(Leader|Follower)\\s*"))
                        .count(),
                replication);
        var status = kafkaTool("describe", "--status");
        assertTrue(status.contains("LeaderId:"), status);
    }

    /** Kafka's kafka-metadata-quorum. */
    private String kafkaTool(String... arguments) throws Exception {
        return new KafkaTool(MetadataQuorumCommand.class.getName(), cluster.bootstrap()).run(arguments);
    }

    private Cli.Outcome voters(String... arguments) {
        var all = new ArrayList<>(List.of("cluster", "voters", "-b", cluster.bootstrap()));
        all.addAll(List.of(arguments));
        return Cli.run(all.toArray(String[]::new));
    }

    private List<Integer> quorum(String role) throws Exception {
        var ids = new ArrayList<Integer>();
        json.readTree(voters("--output", "json").succeeds().out()).get(role).forEach(id -> ids.add(id.asInt()));
        return ids.stream().sorted().toList();
    }

    private int leader() throws Exception {
        return json.readTree(voters("--output", "json").succeeds().out())
                .get("leader")
                .asInt();
    }

    private void createTopic() throws Exception {
        try (var admin = cluster.admin()) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 3).configs(Map.of("min.insync.replicas", "2"))))
                    .all()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void awaitInSync() {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> cluster.isInSync(TOPIC));
    }

    /** Records are acknowledged in both partitions from now on. */
    private void awaitProgress(String when) {
        var before = history.counts();
        await(when + ": records are acknowledged").atMost(PATIENCE).until(() -> {
            var now = history.counts();
            return now.size() == 2
                    && now.entrySet().stream().allMatch(p -> p.getValue() > before.getOrDefault(p.getKey(), 0L));
        });
    }
}
