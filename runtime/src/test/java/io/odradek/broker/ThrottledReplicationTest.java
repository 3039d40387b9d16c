package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.cli.Cli;
import io.odradek.it.KafkaTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers in one JVM: reassignments that may not take all of the network, as tools set it up and take it away. */
class ThrottledReplicationTest {
    private static final String TOOL = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand";
    private static final int RECORDS = 500;
    private static final int RECORD_BYTES = 10_000;
    /** Of which a follower gets a megabyte at a time. */
    private static final long ALL_BYTES = (long) RECORDS * RECORD_BYTES;

    @TempDir
    static Path home;

    private static TestCluster cluster;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        cluster = TestCluster.in(home, 3)
                .with("auto.leader.rebalance.enable", "false")
                .start();
        admin = cluster.admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
        cluster.close();
    }

    private static <T> T done(KafkaFuture<T> future) throws Exception {
        return future.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static void topicOnTwoBrokers(String name) throws Exception {
        done(admin.createTopics(List.of(new NewTopic(name, Map.of(0, List.of(1, 2)))))
                .all());
        var random = new Random(7);
        var sent = new ArrayList<Future<RecordMetadata>>();
        try (var producer = cluster.producer()) {
            for (int i = 0; i < RECORDS; i++) {
                var value = new char[RECORD_BYTES];
                for (int c = 0; c < value.length; c++) {
                    value[c] = (char) ('a' + random.nextInt(26));
                }
                sent.add(producer.send(new ProducerRecord<>(name, new String(value))));
            }
            for (var each : sent) {
                each.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    private static String config(ConfigResource.Type type, String name, String config) throws Exception {
        var resource = new ConfigResource(type, name);
        ConfigEntry entry = done(admin.describeConfigs(List.of(resource)).all())
                .get(resource)
                .get(config);
        return entry == null ? "" : entry.value();
    }

    private static boolean moves() throws Exception {
        return !done(admin.listPartitionReassignments().reassignments()).isEmpty();
    }

    private static void awaitHeldBack(long before) {
        await("broker 3 has got something").atMost(TestCluster.PATIENCE).until(() -> received() > before);
        var last = new AtomicLong();
        await("and no more")
                .during(Duration.ofMillis(1_200))
                .atMost(TestCluster.PATIENCE)
                .until(() -> {
                    long received = received();
                    return last.getAndSet(received) == received;
                });
        assertTrue(received() - before < ALL_BYTES, received() + " bytes");
        assertTrue(cluster.broker(3).maxReplicationLag() > 0);
    }

    private static long received() {
        return cluster.broker(3).replicationTraffic().bytesIn();
    }

    @Test
    void kafkasToolThrottlesAndTakesTheThrottleAway() throws Exception {
        topicOnTwoBrokers("t");
        var tool = new KafkaTool(TOOL, cluster.bootstrap());
        var plan = Files.writeString(
                        home.resolve("plan.json"),
                        "{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"replicas\":[3,2]}]}")
                .toString();
        long before = received();

        var started = tool.run("--execute", "--reassignment-json-file", plan, "--throttle", "1");
        assertTrue(started.contains("The inter-broker throttle limit was set to 1 B/s"), started);
        awaitHeldBack(before);
        assertTrue(moves());
        assertEquals("0:1,0:2", config(ConfigResource.Type.TOPIC, "t", "leader.replication.throttled.replicas"));
        assertEquals("0:3", config(ConfigResource.Type.TOPIC, "t", "follower.replication.throttled.replicas"));
        assertEquals("1", config(ConfigResource.Type.BROKER, "3", "follower.replication.throttled.rate"));
        var ongoing = tool.run("--verify", "--reassignment-json-file", plan);
        assertTrue(ongoing.contains("Reassignment of partition t-0 is still in progress."), ongoing);

        tool.run("--execute", "--additional", "--reassignment-json-file", plan, "--throttle", "100000000");
        await("it has moved").atMost(TestCluster.PATIENCE).until(() -> !moves());
        var verified = tool.run("--verify", "--reassignment-json-file", plan);
        assertTrue(verified.contains("Reassignment of partition t-0 is completed."), verified);
        assertTrue(verified.contains("Clearing broker-level throttles on brokers"), verified);
        assertTrue(verified.contains("Clearing topic-level throttles on topic t"), verified);
        assertEquals("", config(ConfigResource.Type.TOPIC, "t", "leader.replication.throttled.replicas"));
        await("the rates are gone")
                .until(() -> config(ConfigResource.Type.BROKER, "3", "follower.replication.throttled.rate")
                                .isEmpty()
                        || config(ConfigResource.Type.BROKER, "3", "follower.replication.throttled.rate")
                                .equals(String.valueOf(Long.MAX_VALUE)));
        assertTrue(received() - before >= ALL_BYTES);
    }

    @Test
    void ourCommandThrottlesAndTakesTheThrottleAway() throws Exception {
        topicOnTwoBrokers("u");
        long before = received();
        var bootstrap = cluster.bootstrap();

        Cli.run("partition", "reassign", "u:0=2,3", "--throttle", "1", "-b", bootstrap)
                .succeeds();
        awaitHeldBack(before);
        assertTrue(Cli.run("partition", "unthrottle", "-b", bootstrap).err().contains("1 partitions are still on"));

        assertEquals(
                "no longer throttled: u\n",
                Cli.run("partition", "unthrottle", "--force", "-b", bootstrap)
                        .succeeds()
                        .out());
        await("it has moved").atMost(TestCluster.PATIENCE).until(() -> !moves());
    }

    @Test
    void recordsAreDeletedFromAllReplicas() throws Exception {
        done(admin.createTopics(List.of(new NewTopic("d", 1, (short) 3))).all());
        try (var producer = cluster.producer()) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>("d", "v")).get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
        var partition = new TopicPartition("d", 0);

        var deleted = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(7)))
                .lowWatermarks()
                .get(partition);

        assertEquals(7, done(deleted).lowWatermark());
    }
}
