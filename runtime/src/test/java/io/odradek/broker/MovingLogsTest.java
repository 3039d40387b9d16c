package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.cli.Cli;
import io.odradek.it.KafkaTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Brokers with two log directories each: replicas move between directories and brokers, as tools ask for it. */
class MovingLogsTest {
    private static final TopicPartition T = new TopicPartition("t", 0);

    @TempDir
    Path home;

    private static <T> T done(KafkaFuture<T> future) throws Exception {
        return future.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private String directory(int broker, String name) {
        return home.resolve("node-" + broker + "-" + name).toAbsolutePath().toString();
    }

    private static boolean isIn(Admin admin, int broker, String directory) throws Exception {
        var replica = done(admin.describeLogDirs(List.of(broker)).descriptions().get(broker))
                .get(directory)
                .replicaInfos()
                .get(T);
        return replica != null && !replica.isFuture();
    }

    @Test
    void toolsMoveReplicasIntoDirectories() throws Exception {
        var cluster = TestCluster.in(home, 3).with("auto.leader.rebalance.enable", "false");
        for (int id = 1; id <= 3; id++) {
            cluster.with(id, "log.dirs", directory(id, "x") + "," + directory(id, "y"));
        }
        try (cluster) {
            cluster.start();
            try (var admin = cluster.admin();
                    var producer = cluster.producer()) {
                done(admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1, 2)))))
                        .all());
                for (int i = 0; i < 50; i++) {
                    producer.send(new ProducerRecord<>("t", "v" + i))
                            .get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
                var target = isIn(admin, 1, directory(1, "x")) ? "y" : "x";
                var plan = Files.writeString(
                                home.resolve("plan.json"),
                                "{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"replicas\":[1,3],"
                                        + "\"log_dirs\":[\"" + directory(1, target) + "\",\"" + directory(3, "y")
                                        + "\"]}]}")
                        .toString();
                var tool =
                        new KafkaTool("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", cluster.bootstrap());

                tool.run(
                        "--execute",
                        "--reassignment-json-file",
                        plan,
                        "--replica-alter-log-dirs-throttle",
                        "100000000");
                await("it has moved")
                        .atMost(TestCluster.PATIENCE)
                        .until(() -> isIn(admin, 1, directory(1, target)) && isIn(admin, 3, directory(3, "y")));
                await("the reassignment is done")
                        .atMost(TestCluster.PATIENCE)
                        .until(() -> done(admin.listPartitionReassignments().reassignments())
                                .isEmpty());
                var verified = tool.run("--verify", "--reassignment-json-file", plan);
                assertTrue(verified.contains("Reassignment of replica t-0-1 completed successfully."), verified);
                assertTrue(verified.contains("Reassignment of replica t-0-3 completed successfully."), verified);

                var described = new KafkaTool("org.apache.kafka.tools.LogDirsCommand", cluster.bootstrap())
                        .run("--describe", "--topic-list", "t", "--broker-list", "1");
                assertTrue(described.contains("\"isFuture\":false"), described);

                Cli.run(
                                "partition",
                                "relocate",
                                "t:0",
                                "--broker",
                                "3",
                                "--log-dir",
                                directory(3, "x"),
                                "-b",
                                cluster.bootstrap())
                        .succeeds();
                await("it has moved again").atMost(TestCluster.PATIENCE).until(() -> isIn(admin, 3, directory(3, "x")));

                var back = Files.writeString(
                        home.resolve("back.json"),
                        "{\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"replicas\":[1,2],\"log_dirs\":[\"any\",\""
                                + directory(2, "y") + "\"]}]}");
                Cli.run("partition", "reassign", "--file", back.toString(), "-b", cluster.bootstrap())
                        .succeeds();
                await("it is made there").atMost(TestCluster.PATIENCE).until(() -> isIn(admin, 2, directory(2, "y")));
                Files.writeString(
                        back,
                        Files.readString(back)
                                .replace("\"any\"", '"' + directory(1, target.equals("x") ? "y" : "x") + '"')
                                .replace(directory(2, "y"), directory(2, "x")));
                Cli.run("partition", "reassign", "--file", back.toString(), "-b", cluster.bootstrap())
                        .succeeds();
                await("both have moved")
                        .atMost(TestCluster.PATIENCE)
                        .until(() -> isIn(admin, 1, directory(1, target.equals("x") ? "y" : "x"))
                                && isIn(admin, 2, directory(2, "x")));
                producer.send(new ProducerRecord<>("t", "last"))
                        .get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                cluster.awaitInSync("t");
                assertEquals(List.of(1, 2), cluster.partition("t", 0).isr());
            }
        }
    }
}
