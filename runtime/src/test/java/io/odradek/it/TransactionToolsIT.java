package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's tool for transactions: what is open, who has it open, and how to be rid of it. */
class TransactionToolsIT {
    private static final String TOPIC = "transacted";

    @TempDir
    static Path home;

    private static BrokerProcess broker;
    private static Admin admin;
    private static KafkaTool transactions;

    @BeforeAll
    static void start() throws Exception {
        // Without it a transaction that no coordinator knows of can be begun, as with brokers before KIP-890.
        broker = BrokerProcess.in(home)
                .with("KAFKA_TRANSACTION_PARTITION_VERIFICATION_ENABLE", "false")
                .start();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        transactions = new KafkaTool("org.apache.kafka.tools.TransactionsCommand", broker.bootstrap());
        admin.createTopics(List.of(new NewTopic(TOPIC, 3, (short) 1))).all().get();
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    private static KafkaProducer<String, String> producer(String transactionalId) {
        Map<String, Object> config = new HashMap<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", transactionalId, "linger.ms", 0));
        var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    private static ProducerRecord<String, String> record(int partition) {
        return new ProducerRecord<>(TOPIC, partition, "k", "v");
    }

    private static List<String> row(String table, String first) {
        return table.lines()
                .map(line -> List.of(line.strip().split("\\s+")))
                .filter(row -> row.contains(first))
                .findFirst()
                .orElseThrow(() -> new AssertionError(first + " is not in: " + table));
    }

    @Test
    void listAndDescribe() throws Exception {
        try (var producer = producer("listed")) {
            producer.beginTransaction();
            producer.send(record(0)).get();
            assertTrue(row(transactions.run("list"), "listed").contains("Ongoing"));
            assertTrue(transactions
                    .run("list", "--transactional-id-pattern", "list.*")
                    .contains("listed"));
            assertFalse(transactions.run("list", "--duration-filter", "3600000").contains("listed"));
            var described = transactions.run("describe", "--transactional-id", "listed");
            assertTrue(described.contains("Ongoing") && described.contains("transacted-0"), described);
            var producers = transactions.run("describe-producers", "--topic", TOPIC, "--partition", "0");
            var id = row(transactions.run("list"), "listed").get(2);
            assertEquals(id, row(producers, id).get(0));
            producer.commitTransaction();
        }
        assertTrue(row(transactions.run("list"), "listed").contains("CompleteCommit"));
        var over = row(transactions.run("describe-producers", "--topic", TOPIC, "--partition", "0"), "None");
        assertEquals("None", over.get(over.size() - 1));
    }

    @Test
    void forceTerminate() throws Exception {
        try (var producer = producer("terminated")) {
            producer.beginTransaction();
            producer.send(record(1)).get();
            transactions.run("forceTerminateTransaction", "--transactionalId", "terminated");
            assertFalse(row(transactions.run("list"), "terminated").contains("Ongoing"));
            assertThrows(KafkaException.class, producer::commitTransaction);
        }
    }

    /** A transaction that no coordinator knows of. */
    @Test
    void findHangingAndAbort() throws Exception {
        long producerId = 4_000_000;
        produce(producerId, 2);
        var hanging = transactions.run("find-hanging", "--topic", TOPIC, "--max-transaction-timeout", "-60");
        var found = row(hanging, Long.toString(producerId));
        assertEquals(List.of(TOPIC, "2", Long.toString(producerId), "0"), found.subList(0, 4), hanging);
        var startOffset = found.get(5);
        transactions.run("abort", "--topic", TOPIC, "--partition", "2", "--start-offset", startOffset);
        var after = transactions.run("find-hanging", "--topic", TOPIC, "--max-transaction-timeout", "-60");
        assertFalse(after.contains(Long.toString(producerId)), after);
        Map<String, Object> committed =
                new HashMap<>(Map.of("bootstrap.servers", broker.bootstrap(), "isolation.level", "read_committed"));
        assertEquals(
                0,
                History.read(committed, TOPIC).getOrDefault(2, new TreeMap<>()).size());
    }

    /** With a version of Produce that adds nothing to a transaction. */
    private static void produce(long producerId, int partition) throws Exception {
        short version = 11;
        var records = MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) 0, 0, new SimpleRecord("hangs".getBytes()));
        var request = new ProduceRequestData()
                .setTransactionalId("unknown")
                .setAcks((short) -1)
                .setTimeoutMs(5000);
        request.topicData()
                .add(new TopicProduceData()
                        .setName(TOPIC)
                        .setPartitionData(List.of(
                                new PartitionProduceData().setIndex(partition).setRecords(records))));
        var header = new RequestHeaderData()
                .setRequestApiKey(ApiKeys.PRODUCE.id)
                .setRequestApiVersion(version)
                .setClientId("hanging");
        var cache = new ObjectSerializationCache();
        short headerVersion = ApiKeys.PRODUCE.requestHeaderVersion(version);
        int size = header.size(cache, headerVersion) + request.size(cache, version);
        var frame = ByteBuffer.allocate(Integer.BYTES + size).putInt(size);
        header.write(new ByteBufferAccessor(frame), cache, headerVersion);
        request.write(new ByteBufferAccessor(frame), cache, version);
        try (var socket = new Socket("127.0.0.1", broker.port())) {
            socket.getOutputStream().write(frame.array());
            socket.getOutputStream().flush();
            socket.getInputStream().read();
        }
    }
}
