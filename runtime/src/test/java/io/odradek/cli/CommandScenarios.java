package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands do to a broker, whichever it is. Topics are not shared between tests. */
abstract class CommandScenarios {
    private static final AtomicInteger TOPICS = new AtomicInteger();

    private final String topic = "orders-" + TOPICS.incrementAndGet();

    @TempDir
    Path temp;

    abstract String bootstrapServer();

    private Cli.Outcome run(String... args) {
        return Cli.run(withServer(args));
    }

    private Cli.Outcome runWithInput(String input, String... args) {
        return Cli.runWithInput(input, withServer(args));
    }

    private String[] withServer(String... args) {
        return Stream.concat(Stream.of(args), Stream.of("--bootstrap-server", bootstrapServer()))
                .toArray(String[]::new);
    }

    private static JsonNode json(Cli.Outcome outcome) throws IOException {
        return new ObjectMapper().readTree(outcome.succeeds().out());
    }

    private void create(int partitions) {
        run("topic", "create", topic, "--partitions", Integer.toString(partitions))
                .succeeds();
    }

    private String produced(String input, String... options) {
        return runWithInput(
                        input,
                        Stream.concat(Stream.of("produce", topic), Stream.of(options))
                                .toArray(String[]::new))
                .succeeds()
                .err();
    }

    private List<String> consumed(String... options) {
        return run(Stream.concat(Stream.of("consume", topic), Stream.of(options))
                        .toArray(String[]::new))
                .succeeds()
                .lines();
    }

    private static String numbers(int count) {
        return IntStream.range(0, count).mapToObj(i -> "value-" + i + "\n").collect(Collectors.joining());
    }

    @Test
    void topicsAreCreatedListedAltereredAndDeleted() throws IOException {
        assertEquals(
                "created " + topic + ", partitions 3, replication factor 1\n",
                run("topic", "create", topic, "-p", "3", "-r", "1", "-c", "retention.ms=3600000")
                        .succeeds()
                        .out());
        run("topic", "create", topic).fails("topic '" + topic + "': Topic '" + topic + "' already exists.");
        assertEquals(
                topic + " exists already\n",
                run("topic", "create", topic, "--if-not-exists").succeeds().out());
        assertTrue(run("topic", "list").succeeds().lines().contains(topic));

        var described = run("topic", "describe", topic).succeeds().lines();
        assertTrue(described.get(0).startsWith("Topic " + topic + "  id "), described.get(0));
        assertTrue(described.get(0).endsWith("  partitions 3  replication factor 1"), described.get(0));
        assertEquals("  retention.ms=3600000", described.get(1));
        assertEquals("PARTITION  LEADER  REPLICAS  IN-SYNC  ELIGIBLE", described.get(2));
        assertEquals(6, described.size());

        assertEquals(
                "altered " + topic + "\n",
                run(
                                "topic",
                                "alter",
                                topic,
                                "-p",
                                "5",
                                "-c",
                                "segment.bytes=2000000",
                                "--delete-config",
                                "retention.ms")
                        .succeeds()
                        .out());
        var json = json(run("topic", "describe", topic, "-o", "json")).get(0);
        assertEquals(5, json.get("partitions").size());
        assertEquals("{\"segment.bytes\":\"2000000\"}", json.get("configs").toString());
        assertEquals(1, json.get("partitions").get(4).get("replicas").size());

        assertEquals(
                "deleted " + topic + "\n",
                run("topic", "delete", topic).succeeds().out());
        run("topic", "delete", topic).fails("topic '" + topic + "' does not exist");
        run("topic", "delete", topic, "--if-exists").succeeds();
        run("topic", "describe", topic).fails("topic '" + topic + "' does not exist");
    }

    @Test
    void severalTopicsAreAllTriedAndTheFailuresTold() {
        var other = topic + "-b";
        var outcome = run("topic", "create", topic, "bad topic", other, "-p", "1");

        assertEquals(1, outcome.status());
        assertEquals(1, outcome.err().lines().count());
        assertTrue(outcome.err().startsWith("odradek: topic 'bad topic': "), outcome.err());
        assertTrue(run("topic", "list").lines().containsAll(List.of(topic, other)));
    }

    @Test
    void aDryRunChangesNothing() {
        assertTrue(run("topic", "create", topic, "--dry-run", "-p", "2")
                .succeeds()
                .out()
                .startsWith("would create"));
        assertFalse(run("topic", "list").lines().contains(topic));

        create(1);
        run("topic", "alter", topic, "-p", "2", "-c", "retention.ms=1", "--dry-run")
                .succeeds();
        run("config", "set", "--topic", topic, "retention.ms=1", "--dry-run").succeeds();
        var described = run("topic", "describe", topic).lines();
        assertEquals(3, described.size(), described.toString());
    }

    @Test
    void replicasAreAssignedByHand() throws IOException {
        int broker = json(run("cluster", "describe", "-o", "json"))
                .get("brokers")
                .get(0)
                .get("id")
                .asInt();
        run("topic", "create", topic, "--replica-assignment", broker + "," + broker)
                .succeeds();
        assertEquals(
                2,
                json(run("topic", "describe", topic, "-o", "json"))
                        .get(0)
                        .get("partitions")
                        .size());
        run("topic", "create", topic + "-b", "--replica-assignment", "1:x")
                .fails("--replica-assignment: 'x' is no broker id");
    }

    @Test
    void partitionsAreReassignedAndLeadersElected() throws IOException {
        create(2);
        var broker = json(run("cluster", "describe", "-o", "json"))
                .get("brokers")
                .get(0)
                .get("id")
                .asText();
        var plan = Files.writeString(
                temp.resolve("plan.json"),
                "{\"version\":1,\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"replicas\":[" + broker
                        + "],\"log_dirs\":[\"any\"]}]}");

        assertEquals(
                List.of("reassigning " + topic + ":0", "reassigning " + topic + ":1"),
                run("partition", "reassign", "--file", plan.toString(), topic + ":1=" + broker)
                        .succeeds()
                        .lines());
        Files.writeString(plan, Files.readString(plan).replace("any", "/no/such/directory"));
        run("partition", "reassign", "--file", plan.toString())
                .fails("partition " + topic + ":0 of broker " + broker
                        + ": The user-specified log directory is not found in the broker config.");
        assertEquals(0, json(run("partition", "reassignments", "-o", "json")).size());
        assertEquals(
                "PARTITION  REPLICAS  ADDING  REMOVING\n",
                run("partition", "reassignments").succeeds().out());
        run("partition", "reassign", topic + ":0=98,99")
                .fails("partition " + topic + ":0: The manual partition assignment includes broker 98, but no such"
                        + " broker is registered.");
        run("partition", "reassign", topic + ":0=" + broker + ",98", "--keep-replication-factor")
                .fails("partition " + topic + ":0: The manual partition assignment includes broker 98, but no such"
                        + " broker is registered.");
        assertTrue(run("partition", "reassign", topic + ":0=" + broker, "--throttle", "0")
                .err()
                .contains("--throttle must be above 0"));
        run("partition", "reassign", topic + ":0=" + broker, "--throttle", "100000")
                .succeeds();
        assertEquals("", run("partition", "unthrottle").succeeds().out(), "nothing moves, so nothing was throttled");
        run("config", "set", "--topic", topic, "leader.replication.throttled.replicas=*")
                .succeeds();
        assertEquals(
                "no longer throttled: " + topic + "\n",
                run("partition", "unthrottle").succeeds().out());
        run("partition", "relocate", topic + ":0", "--broker", broker, "--log-dir", "/no/such/directory")
                .fails("partition " + topic
                        + ":0: The user-specified log directory is not found in the broker config.");
        run("partition", "cancel", topic + ":0")
                .fails("partition " + topic + ":0: No partition reassignment is in progress.");
        run("partition", "cancel", "--all").succeeds();
        run("partition", "elect").succeeds();
        run("partition", "elect", topic + ":0").succeeds();
        run("partition", "elect", "--unclean", topic + ":0", topic + ":9")
                .fails("partition " + topic + ":9: No such partition as " + topic + "-9");
        run("cluster", "unregister", "99").fails("broker 99 is not registered");
        assertEquals(
                "broker 99 holds no partitions\n",
                run("cluster", "drain", "99").succeeds().out());
        assertTrue(run("cluster", "drain", broker, "--dry-run").err().contains("partitions have nowhere to go"));
    }

    @Test
    void recordsComeBackAsTheyWent() {
        create(1);
        assertEquals(
                "3 records to " + topic + "\n", produced("a:1\nb::2\nc:NULL\n", "-k", ":", "--null-marker", "NULL"));

        assertEquals(List.of("a\t1", "b\t:2", "c\tnull"), consumed("--print", "key,value"));
        assertEquals(
                List.of("0/2/c/-"),
                consumed("--from", "2", "--print", "partition,offset,key,value", "-s", "/", "--null-marker", "-"));
    }

    @Test
    void bytesThatAreNoTextPass() throws IOException {
        create(1);
        var file = temp.resolve("bytes");
        var bytes = new byte[] {0, (byte) 0xff, (byte) 0xfe, 'x', '\n'};
        Files.write(file, bytes);
        run("produce", topic, "--file", file.toString(), "-q").succeeds();

        var out = new java.io.ByteArrayOutputStream();
        Cli.program(new Terminal(java.io.InputStream.nullInputStream(), out, System.err), Cli.NO_START)
                .execute(withServer("consume", topic));
        assertEquals(new String(bytes, "ISO-8859-1"), out.toString("ISO-8859-1"));
    }

    @Test
    void headersAndTimestampsArePrinted() throws IOException {
        create(1);
        produced("a\n", "-H", "source=test", "-H", "n=1");

        assertTrue(consumed("--print", "timestamp,headers,value")
                .get(0)
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z\tsource=test,n=1\ta"));
        var json = json(run("consume", topic, "-o", "json"));
        assertEquals(topic, json.get("topic").asText());
        assertEquals("CreateTime", json.get("timestampType").asText());
        assertEquals(
                "[{\"key\":\"source\",\"value\":\"test\"},{\"key\":\"n\",\"value\":\"1\"}]",
                json.get("headers").toString());
    }

    @Test
    void jsonFromConsumeMayBeProducedAgain() throws IOException {
        create(1);
        produced("k:v\nx:NULL\n", "-k", ":", "--null-marker", "NULL", "-H", "a=b");
        var first = run("consume", topic, "-o", "json").succeeds().out();

        assertEquals("2 records to " + topic + "\n", produced(first, "--input", "json"));

        var again =
                run("consume", topic, "-o", "json", "--from", "2").succeeds().out();
        assertEquals(first.replaceAll("\"offset\":\\d", ""), again.replaceAll("\"offset\":\\d", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void everyCompressionWorks(String compression) {
        create(1);
        produced(numbers(500), "--compression", compression, "--batch-size", "4000");

        assertEquals(numbers(500).lines().toList(), consumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "1", "0"})
    void everyAcksWorks(String acks) {
        create(1);
        produced(numbers(10), "--acks", acks);

        assertEquals(numbers(10).lines().toList(), consumed());
    }

    @Test
    void keysGoWhereKafkasProducerPutsThem() throws ExecutionException, InterruptedException {
        create(7);
        var expected = new TreeMap<String, Integer>();
        Map<String, Object> config = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServer());
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < 50; i++) {
                var record = new ProducerRecord<>(topic, "key-" + i, "theirs");
                expected.put("key-" + i, producer.send(record).get().partition());
            }
        }
        produced(IntStream.range(0, 50).mapToObj(i -> "key-" + i + ":ours\n").collect(Collectors.joining()), "-k", ":");

        for (var line : consumed("--print", "value,key,partition")) {
            var cells = line.split("\t");
            assertEquals(expected.get(cells[1]), Integer.valueOf(cells[2]), line);
        }
        assertEquals(100, consumed().size());
    }

    @Test
    void aPartitionerIsChosenByName() {
        create(3);
        produced(numbers(30), "--partitioner", "round-robin");

        for (int partition = 0; partition < 3; partition++) {
            assertEquals(
                    10, consumed("--partition", Integer.toString(partition)).size());
        }
        assertEquals(20, consumed("-p", "0,2").size());
        runWithInput("a\n", "produce", topic, "--partitioner", "random")
                .fails("no Partitioner is named 'random'; known: murmur2, rendezvous, round-robin");
        runWithInput("a\n", "produce", topic, "--partitioner-config", "sticky.bytes=0")
                .fails("Partitioner 'murmur2' (io.odradek.plugins.Murmur2Partitioner) refuses its configuration:"
                        + " sticky.bytes is at least 1, not 0");
    }

    @Test
    void onePartitionIsChosenByNumber() {
        create(3);
        produced("a\nb\n", "--partition", "2");

        assertEquals(List.of("2\ta", "2\tb"), consumed("--print", "partition,value"));
        runWithInput("a\n", "produce", topic, "--partition", "3").fails("there is no partition 3: the topic has 3");
        run("consume", topic, "--partition", "3").fails("there is no partition 3: the topic has 3");
    }

    @Test
    void theFirstRecordThatFailsEndsItAndIsNamed() {
        run("topic", "create", topic, "-p", "1", "-c", "max.message.bytes=2000").succeeds();
        var outcome = runWithInput("fine\n" + "x".repeat(5000) + "\n", "produce", topic, "--batch-size", "1");

        assertEquals(1, outcome.status());
        assertTrue(outcome.err().startsWith("odradek: line 2: "), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertEquals(List.of("fine"), consumed());

        runWithInput("a:1\nb\nc:3\n", "produce", topic, "-k", ":").fails("line 2 has no key separator");
        assertEquals(List.of("fine", "1"), consumed());
        run("produce", topic, "--file", temp.resolve("none").toString())
                .fails("file " + temp.resolve("none") + " does not exist");
        runWithInput("a\n", "produce", "no topic").fails("topic 'no topic': Invalid topics: [no topic]");
        runWithInput("a\n", "produce", topic + "-none", "--timeout", "1")
                .fails("topic '" + topic + "-none' does not exist");
    }

    @Test
    void consumingStartsWhereItIsTold() {
        create(2);
        var records = IntStream.range(0, 10)
                .mapToObj(i -> "{\"value\":\"%d\",\"timestamp\":%d}\n".formatted(i, 1_700_000_000_000L + i * 1000))
                .collect(Collectors.joining());
        produced(records, "--input", "json", "--partition", "0");
        produced(records, "--input", "json", "--partition", "1");

        assertEquals(20, consumed().size());
        assertEquals(List.of(), consumed("--from", "end"));
        assertEquals(Collections.nCopies(2, "9"), consumed("--from", "9"));
        assertEquals(List.of(), consumed("--from", "1000"));
        assertEquals(
                List.of("8", "8", "9", "9"),
                consumed("--from", "-2").stream().sorted().toList());
        assertEquals(20, consumed("--from", "-1000").size());
        assertEquals(List.of("9", "9"), consumed("--from", "@1700000008001"));
        assertEquals(List.of("7", "8", "9"), consumed("--from", "2023-11-14T22:13:27Z", "-p", "1"));
        assertEquals(List.of(), consumed("--from", "2100-01-01T00:00:00Z"));
        assertEquals(7, consumed("--count", "7").size());
        assertEquals(3, consumed("--follow", "--count", "3").size());
    }

    @Test
    void followingPrintsWhatComesLater() throws InterruptedException {
        create(1);
        produced("before\n");
        var lines = new ArrayList<String>();
        var follower = new Thread(() -> lines.addAll(consumed("--follow", "--count", "2")), "follower");
        follower.start();
        produced("after\n");
        follower.join(30_000);

        assertEquals(List.of("before", "after"), lines);
    }

    /** The program as a process of its own: what the environment says, and Ctrl-C. */
    @Test
    void interruptingAFollowerLosesNothingThatWasRead() throws IOException, InterruptedException {
        create(1);
        produced("one\ntwo\n");
        var out = temp.resolve("out");
        var err = temp.resolve("err");
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CliProcess.class.getName(),
                        "consume",
                        topic,
                        "--follow")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("ODRADEK_BOOTSTRAP_SERVER", bootstrapServer());
        var process = builder.start();
        try {
            Awaitility.await().until(() -> Files.readString(out).equals("one\ntwo\n"));
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(130, process.exitValue());
        assertEquals("", Files.readString(err));
        assertEquals("one\ntwo\n", Files.readString(out));
    }

    @Test
    void anAbortedTransactionIsLeftOutIfAsked() {
        create(1);
        Map<String, Object> config = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServer(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                topic);
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "committed"));
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "aborted"));
            producer.flush();
            producer.abortTransaction();
        }
        assertEquals(List.of("committed", "aborted"), consumed());
        assertEquals(List.of("committed"), consumed("--isolation", "read_committed"));
    }

    @Test
    void aTopicThatDoesNotExistIsToldWhenConsuming() {
        run("consume", topic).fails("topic '" + topic + "' does not exist");
        assertFalse(run("topic", "list").lines().contains(topic));
    }

    @Test
    void theClusterDescribesItself() throws IOException {
        var json = json(run("cluster", "describe", "-o", "json"));
        assertEquals(22, json.get("clusterId").asText().length());
        assertEquals(1, json.get("brokers").size());
        int port = json.get("brokers").get(0).get("port").asInt();
        assertTrue(bootstrapServer().endsWith(":" + port));
        assertEquals(json.get("controller"), json.get("brokers").get(0).get("id"));
        assertEquals(1, json.get("quorum").get("voters").size());
        assertTrue(json.get("features").has("metadata.version"));

        var lines = run("cluster", "describe").succeeds().lines();
        assertEquals(
                "Cluster " + json.get("clusterId").asText() + "  controller " + json.get("controller"), lines.get(0));
        assertTrue(lines.stream().anyMatch(l -> l.startsWith("Quorum leader ")));
        assertTrue(lines.stream().anyMatch(l -> l.startsWith("metadata.version ")));
    }

    @Test
    void logDirectoriesTellWhatTheyHold() throws IOException {
        create(2);
        produced(numbers(100));

        var json =
                json(run("cluster", "log-dirs", "--partitions", "-o", "json")).get(0);
        assertTrue(json.get("error").isNull());
        assertTrue(json.get("partitionCount").asInt() >= 2);
        assertTrue(json.get("usableBytes").asLong() > 0);
        long size = 0;
        for (var partition : json.get("partitions")) {
            size += partition.get("topic").asText().equals(topic)
                    ? partition.get("sizeInBytes").asLong()
                    : 0;
        }
        assertTrue(size > 900, "size " + size);
        var lines = run("cluster", "log-dirs").succeeds().lines();
        assertEquals(2, lines.size());
        assertTrue(lines.get(1).endsWith("  online"), lines.get(1));
    }

    @Test
    void configsOfATopicAreSetShownAndUnset() throws IOException {
        create(1);
        assertEquals(
                1,
                run("config", "describe", "--topic", topic).succeeds().lines().size());
        assertEquals(
                "set retention.ms, cleanup.policy of topic " + topic + "\n",
                run("config", "set", "--topic", topic, "retention.ms=1000", "cleanup.policy=compact,delete")
                        .succeeds()
                        .out());
        assertEquals(
                List.of(
                        "NAME            VALUE           SOURCE",
                        "cleanup.policy  compact,delete  dynamic topic",
                        "retention.ms    1000            dynamic topic"),
                run("config", "describe", "--topic", topic).succeeds().lines());
        run("config", "unset", "--topic", topic, "cleanup.policy").succeeds();
        assertEquals(2, run("config", "describe", "--topic", topic).lines().size());

        var all = new TreeSet<String>();
        json(run("config", "describe", "--topic", topic, "--all", "-o", "json"))
                .forEach(entry -> all.add(entry.get("name").asText()));
        assertTrue(all.containsAll(Set.of("retention.ms", "segment.bytes", "max.message.bytes")), all.toString());

        var unknown = run("config", "set", "--topic", topic, "retention.mx=1");
        assertEquals(1, unknown.status());
        assertTrue(unknown.err().contains("retention.mx"), unknown.err());
        run("config", "describe", "--topic", topic + "-none").fails("topic '" + topic + "-none' does not exist");
    }

    @Test
    void configsOfBrokersAreSetShownAndUnset() throws IOException {
        var id =
                json(run("cluster", "describe", "-o", "json")).get("controller").asText();
        run("config", "set", "--broker", id, "log.cleaner.backoff.ms=15001").succeeds();
        run("config", "set", "--cluster", "log.cleaner.backoff.ms=15002").succeeds();

        assertTrue(run("config", "describe", "--broker", id).lines().stream()
                .anyMatch(l -> l.matches("log.cleaner.backoff.ms +15001 +dynamic broker")));
        assertTrue(run("config", "describe", "--cluster").lines().stream()
                .anyMatch(l -> l.matches("log.cleaner.backoff.ms +15002 +dynamic default broker")));

        run("config", "unset", "--broker", id, "log.cleaner.backoff.ms").succeeds();
        run("config", "unset", "--cluster", "log.cleaner.backoff.ms").succeeds();
        assertFalse(run("config", "describe", "--cluster").out().contains("log.cleaner.backoff.ms"));
    }

    @Test
    void clientPropertiesComeFromAFile() throws IOException {
        create(1);
        var file = Files.writeString(temp.resolve("client.properties"), "max.request.size=100\n");
        var outcome = runWithInput("x".repeat(101) + "\n", "produce", topic, "--command-config", file.toString());

        outcome.fails("line 1 is longer than a request may be: 100 bytes");
    }
}
