package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's own command-line tools, unmodified. */
class KafkaToolsIT {
    @TempDir
    static Path home;

    private static BrokerProcess broker;

    @BeforeAll
    static void start() throws Exception {
        broker = BrokerProcess.in(home).start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static String tool(String mainClass, String... arguments) throws Exception {
        return run(mainClass, arguments).expectSuccess();
    }

    private static Commands.Outcome run(String mainClass, String... arguments) throws Exception {
        var all = new String[arguments.length + 2];
        all[0] = "--bootstrap-server";
        all[1] = broker.bootstrap();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return Commands.kafkaTool(mainClass, all);
    }

    @Test
    void topicCommand() throws Exception {
        var topics = "org.apache.kafka.tools.TopicCommand";
        tool(topics, "--create", "--topic", "made.by.tool", "--partitions", "3", "--config", "retention.ms=1000");
        assertTrue(tool(topics, "--list").contains("made.by.tool"));
        var described = tool(topics, "--describe", "--topic", "made.by.tool");
        assertTrue(described.contains("PartitionCount: 3"), described);
        assertTrue(described.contains("retention.ms=1000"), described);
        tool(topics, "--alter", "--topic", "made.by.tool", "--partitions", "5");
        assertTrue(tool(topics, "--describe", "--topic", "made.by.tool").contains("PartitionCount: 5"));
        var collision = run(topics, "--create", "--topic", "made_by_tool");
        assertNotEquals(0, collision.status(), collision.output());
        tool(topics, "--delete", "--topic", "made.by.tool");
        assertFalse(tool(topics, "--list").contains("made.by.tool"));
    }

    @Test
    void configCommand() throws Exception {
        var configs = "kafka.admin.ConfigCommand";
        tool("org.apache.kafka.tools.TopicCommand", "--create", "--topic", "configured");
        tool(
                configs,
                "--entity-type",
                "topics",
                "--entity-name",
                "configured",
                "--alter",
                "--add-config",
                "cleanup.policy=[compact,delete],max.message.bytes=2000000");
        var described = tool(configs, "--entity-type", "topics", "--entity-name", "configured", "--describe");
        assertTrue(described.contains("cleanup.policy=compact,delete"), described);
        tool(
                configs,
                "--entity-type",
                "topics",
                "--entity-name",
                "configured",
                "--alter",
                "--delete-config",
                "max.message.bytes");
        assertFalse(tool(configs, "--entity-type", "topics", "--entity-name", "configured", "--describe")
                .contains("max.message.bytes=2000000"));
        var all = tool(configs, "--entity-type", "brokers", "--entity-name", "1", "--describe", "--all");
        assertTrue(all.contains("num.partitions=1"), all);
    }

    @Test
    void reassignPartitionsCommand(@TempDir Path directory) throws Exception {
        tool("org.apache.kafka.tools.TopicCommand", "--create", "--topic", "moved");
        var plan = Files.writeString(
                        directory.resolve("plan.json"),
                        "{\"version\":1,\"partitions\":[{\"topic\":\"moved\",\"partition\":0,\"replicas\":[1]}]}")
                .toString();
        var reassign = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand";
        var started = tool(reassign, "--execute", "--reassignment-json-file", plan);
        assertTrue(started.contains("Successfully started partition reassignment for moved-0"), started);
        var verified = tool(reassign, "--verify", "--reassignment-json-file", plan);
        assertTrue(verified.contains("Reassignment of partition moved-0 is completed."), verified);
        var listed = tool(reassign, "--list");
        assertTrue(listed.contains("No partition reassignments found."), listed);
        var cancelled = tool(reassign, "--cancel", "--reassignment-json-file", plan);
        assertTrue(cancelled.contains("None of the specified partition reassignments are active."), cancelled);
    }

    @Test
    void leaderElectionCommand() throws Exception {
        tool("org.apache.kafka.tools.TopicCommand", "--create", "--topic", "led");
        var elect = "org.apache.kafka.tools.LeaderElectionCommand";
        var valid = tool(elect, "--election-type", "preferred", "--topic", "led", "--partition", "0");
        assertTrue(valid.contains("Valid replica already elected for partitions led-0"), valid);
        tool(elect, "--election-type", "preferred", "--all-topic-partitions");
    }

    @Test
    void clusterToolUnregistersNoBrokerThatIsNotThere() throws Exception {
        var refused = Commands.kafkaTool(
                "org.apache.kafka.tools.ClusterTool",
                "unregister",
                "--bootstrap-server",
                broker.bootstrap(),
                "--id",
                "77");
        assertTrue(refused.output().contains("77 is not currently registered"), refused.output());
    }

    @Test
    void producerPerformanceThenDumpLogSegments() throws Exception {
        tool("org.apache.kafka.tools.TopicCommand", "--create", "--topic", "perf", "--config", "segment.bytes=1048576");
        var output = Commands.kafkaTool(
                        "org.apache.kafka.tools.ProducerPerformance",
                        "--topic",
                        "perf",
                        "--num-records",
                        "5000",
                        "--record-size",
                        "1000",
                        "--throughput",
                        "-1",
                        "--producer-props",
                        "bootstrap.servers=" + broker.bootstrap(),
                        "acks=all",
                        "compression.type=lz4")
                .expectSuccess();
        assertTrue(output.contains("5000 records sent"), output);
        var segment = broker.data().resolve("perf-0").resolve("00000000000000000000.log");
        var dump = Commands.kafkaTool(
                        "org.apache.kafka.tools.DumpLogSegments", "--deep-iteration", "--files", segment.toString())
                .expectSuccess();
        assertTrue(dump.contains("compresscodec: lz4") && dump.contains("isvalid: true"), dump);
        assertFalse(dump.contains("isvalid: false"), dump);
    }

    @Test
    void brokerApiVersions() throws Exception {
        var versions = tool("org.apache.kafka.tools.BrokerApiVersionsCommand");
        assertTrue(versions.contains("Produce(0)") && versions.contains("Fetch(1)"), versions);
        assertTrue(versions.contains("JoinGroup(11): 0 to 9"), versions);
        assertTrue(versions.contains("ShareFetch(78): UNSUPPORTED"), versions);
    }
}
