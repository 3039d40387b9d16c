package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.odradek.config.BrokerConfig;
import io.odradek.network.TestClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A whole broker that others attack, while one client goes on working: it has a topic of its own, in which it must find
 * at the end everything that was acknowledged to it.
 */
final class BesiegedBroker implements AutoCloseable {
    /** Of the client that is served throughout. */
    static final String KEPT = "kept";

    private static final short PRODUCE_VERSION = 12;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    final LogWatch log = new LogWatch();
    private final Path directory;
    private final Map<String, String> settings;
    private final List<String> acknowledged = new ArrayList<>();
    private Broker broker;
    private TestClient bystander;

    private BesiegedBroker(Path directory, Map<String, String> settings) throws IOException {
        this.directory = directory;
        this.settings = settings;
        open();
        createTopic(KEPT, 1);
    }

    /** @param settings names and values in turn */
    static BesiegedBroker start(Path directory, String... settings) throws IOException {
        var all = new HashMap<>(Map.of(
                "node.id", "1",
                "log.dirs", directory.toString(),
                "listeners", "PLAINTEXT://127.0.0.1:0",
                "num.network.threads", "2",
                "auto.create.topics.enable", "true"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return new BesiegedBroker(directory, all);
    }

    private void open() throws IOException {
        broker = Broker.start(BrokerConfig.of(settings));
        bystander = connect();
    }

    /** Where the attack is on idle connections. */
    void reconnect() throws IOException {
        bystander.close();
        bystander = connect();
    }

    int port() {
        return broker.port("PLAINTEXT");
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port();
    }

    Broker broker() {
        return broker;
    }

    TestClient connect() throws IOException {
        return new TestClient(port());
    }

    void createTopic(String name, int partitions) throws IOException {
        assertEquals(Errors.NONE, create(new CreatableTopic().setName(name).setNumPartitions(partitions)));
    }

    /** Creates a topic on the connection of the client that is served throughout. */
    Errors create(CreatableTopic topic) throws IOException {
        var request = new CreateTopicsRequestData().setTimeoutMs(10_000);
        request.topics().add(topic.setReplicationFactor((short) 1));
        CreateTopicsResponseData answer = bystander.call(ApiKeys.CREATE_TOPICS, 7, request);
        return Errors.forCode(answer.topics().iterator().next().errorCode());
    }

    static MemoryRecords records(String... values) {
        return MemoryRecords.withRecords(
                Compression.NONE,
                Arrays.stream(values)
                        .map(v -> new SimpleRecord(System.currentTimeMillis(), null, v.getBytes()))
                        .toArray(SimpleRecord[]::new));
    }

    static ProduceRequestData produce(String topic, int partition, ByteBuffer records) {
        var request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
        var data = new PartitionProduceData().setIndex(partition).setRecords(MemoryRecords.readableRecords(records));
        request.topicData().add(new TopicProduceData().setName(topic).setPartitionData(new ArrayList<>(List.of(data))));
        return request;
    }

    static PartitionProduceResponse produced(TestClient client, ProduceRequestData request) throws IOException {
        ProduceResponseData answer = client.call(ApiKeys.PRODUCE, PRODUCE_VERSION, request);
        return answer.responses().iterator().next().partitionResponses().get(0);
    }

    static Errors produce(TestClient client, String topic, int partition, ByteBuffer records) throws IOException {
        return Errors.forCode(
                produced(client, produce(topic, partition, records)).errorCode());
    }

    /** The client that was there all along gets one more record acknowledged. */
    void othersAreServed() throws IOException {
        var value = "value " + acknowledged.size();
        var answer = produced(bystander, produce(KEPT, 0, records(value).buffer()));
        assertEquals(Errors.NONE, Errors.forCode(answer.errorCode()));
        assertEquals(acknowledged.size(), answer.baseOffset());
        acknowledged.add(value);
    }

    /** What must be true whenever the attackers are gone. */
    void assertUnharmed() throws IOException {
        othersAreServed();
        assertNothingIsHeld();
        log.assertNoStackTrace();
    }

    void assertNothingIsHeld() {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertEquals(0, broker.requestMemoryBytes(), "request memory in use"));
    }

    void assertNothingIsLost() {
        var found = new ArrayList<String>();
        var partition = new TopicPartition(KEPT, 0);
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers(), "enable.auto.commit", "false"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(r -> found.add(r.value()));
                return found.size() >= acknowledged.size();
            });
        }
        assertEquals(acknowledged, found);
    }

    /** What all threads but the caller's have allocated so far. A thread that ends takes its share away. */
    static long allocatedBytes() {
        var ids = THREADS.getAllThreadIds();
        long caller = Thread.currentThread().getId();
        long sum = 0;
        var allocated = THREADS.getThreadAllocatedBytes(ids);
        for (int i = 0; i < ids.length; i++) {
            sum += ids[i] == caller ? 0 : Math.max(0, allocated[i]);
        }
        return sum;
    }

    static long usedHeapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Also starts a second time, for what was acknowledged must be on disk as well. */
    @Override
    public void close() throws IOException {
        try {
            assertUnharmed();
            assertNothingIsLost();
            bystander.close();
            broker.close();
            open();
            othersAreServed();
            assertNothingIsLost();
            log.assertNoStackTrace();
        } finally {
            bystander.close();
            broker.close();
            log.close();
        }
        assertTrue(directory.toFile().isDirectory());
    }
}
