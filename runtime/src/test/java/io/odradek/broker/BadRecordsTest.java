package io.odradek.broker;

import static io.odradek.broker.BesiegedBroker.produce;
import static io.odradek.broker.BesiegedBroker.produced;
import static io.odradek.broker.BesiegedBroker.records;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.odradek.differential.Batches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Record batches that are not what they say: refused with Kafka's error, and nothing of them is stored. */
class BadRecordsTest {
    private static final int MIB = 1 << 20;
    private static final long MODEST_BYTES = 16L * MIB;
    private static final int FUZZED_BATCHES = 2000;

    // Where things are in a batch, and in the two records of Batches.of("a", "b").
    private static final int LENGTH = 8;
    private static final int MAGIC = 16;
    private static final int CRC = 17;
    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int PRODUCER_ID = 43;
    private static final int COUNT = 57;
    private static final int FIRST_RECORD = 61;
    private static final int FIRST_KEY_LENGTH = 65;
    private static final int FIRST_VALUE_LENGTH = 67;
    private static final int FIRST_VALUE = 68;
    private static final int FIRST_HEADER_COUNT = 69;
    private static final int SECOND_OFFSET = 73;

    @RegisterExtension
    static final Siege SIEGE = Siege.ofTopic("t", 2);

    static Stream<Arguments> lies() {
        var good = Batches.of("a", "b");
        int size = good.sizeInBytes();
        return Stream.of(
                argumentSet(
                        "a changed byte",
                        Errors.CORRUPT_MESSAGE,
                        Batches.torn(good, b -> b.put(FIRST_VALUE, (byte) 'x'))),
                argumentSet("wrong crc", Errors.CORRUPT_MESSAGE, Batches.torn(good, b -> b.putInt(CRC, 0))),
                argumentSet("magic 0", Errors.INVALID_RECORD, Batches.ofMagic((byte) 0, "a")),
                argumentSet("magic 1", Errors.INVALID_RECORD, Batches.ofMagic((byte) 1, "a")),
                argumentSet("magic 3", Errors.CORRUPT_MESSAGE, Batches.torn(good, b -> b.put(MAGIC, (byte) 3))),
                argumentSet("magic -1", Errors.CORRUPT_MESSAGE, Batches.torn(good, b -> b.put(MAGIC, (byte) -1))),
                argumentSet("no records", Errors.INVALID_RECORD, MemoryRecords.EMPTY),
                argumentSet("a batch cut short", Errors.INVALID_RECORD, cut(good, size - 1)),
                argumentSet("a header cut short", Errors.INVALID_RECORD, cut(good, 40)),
                argumentSet("two batches", Errors.INVALID_RECORD, Batches.two()),
                argumentSet("base offset", Errors.INVALID_RECORD, Batches.torn(good, b -> b.putLong(0, 5))),
                argumentSet("offset twice", Errors.INVALID_RECORD, with(SECOND_OFFSET, 0)),
                argumentSet("offset backwards", Errors.INVALID_RECORD, with(SECOND_OFFSET, 1)),
                argumentSet("offset left out", Errors.INVALID_RECORD, with(SECOND_OFFSET, 4)),
                argumentSet("length too large", Errors.INVALID_RECORD, length(size + 100)),
                argumentSet("length huge", Errors.INVALID_RECORD, length(Integer.MAX_VALUE)),
                argumentSet("length huge behind a good batch", Errors.INVALID_RECORD, hugeBehindAGoodOne()),
                argumentSet("length too small", Errors.CORRUPT_MESSAGE, length(size - 13)),
                argumentSet("length below a header", Errors.CORRUPT_MESSAGE, length(20)),
                argumentSet("length tiny", Errors.CORRUPT_MESSAGE, length(3)),
                argumentSet("length negative", Errors.CORRUPT_MESSAGE, length(-1)),
                argumentSet("length most negative", Errors.CORRUPT_MESSAGE, length(Integer.MIN_VALUE)),
                argumentSet("count too small", Errors.INVALID_RECORD, count(1, 0)),
                argumentSet("count too large", Errors.INVALID_RECORD, count(3, 2)),
                argumentSet("count huge", Errors.INVALID_RECORD, count(Integer.MAX_VALUE, Integer.MAX_VALUE - 1)),
                argumentSet("count zero", Errors.INVALID_RECORD, count(0, -1)),
                argumentSet("count negative", Errors.INVALID_RECORD, count(-1, -2)),
                argumentSet("count and last offset differ", Errors.INVALID_RECORD, count(2, 9)),
                argumentSet("record longer", Errors.INVALID_RECORD, with(FIRST_RECORD, 0x7e)),
                argumentSet("record shorter", Errors.INVALID_RECORD, with(FIRST_RECORD, 2)),
                argumentSet("record of negative length", Errors.INVALID_RECORD, with(FIRST_RECORD, 1)),
                argumentSet("key longer", Errors.INVALID_RECORD, with(FIRST_KEY_LENGTH, 0x7e)),
                argumentSet("value longer", Errors.INVALID_RECORD, with(FIRST_VALUE_LENGTH, 0x7e)),
                argumentSet("value of length -5", Errors.INVALID_RECORD, with(FIRST_VALUE_LENGTH, 9)),
                argumentSet("too many headers", Errors.INVALID_RECORD, with(FIRST_HEADER_COUNT, 0x7e)),
                argumentSet("headers negative", Errors.INVALID_RECORD, with(FIRST_HEADER_COUNT, 1)),
                argumentSet("endless varint", Errors.INVALID_RECORD, endlessVarint(FIRST_RECORD)),
                argumentSet("endless varint for a key", Errors.INVALID_RECORD, endlessVarint(FIRST_KEY_LENGTH)),
                argumentSet("a control batch", Errors.INVALID_RECORD, attributes(0x20)),
                argumentSet("no such compression", Errors.UNSUPPORTED_COMPRESSION_TYPE, attributes(7)),
                argumentSet("not gzip", Errors.INVALID_RECORD, attributes(1)),
                argumentSet("not snappy", Errors.INVALID_RECORD, attributes(2)),
                argumentSet("not lz4", Errors.INVALID_RECORD, attributes(3)),
                argumentSet("not zstd", Errors.INVALID_RECORD, attributes(4)),
                argumentSet(
                        "a producer without a sequence",
                        Errors.INVALID_RECORD,
                        Batches.changed(good, b -> b.putLong(PRODUCER_ID, 7))));
    }

    private static MemoryRecords with(int at, int value) {
        return Batches.changed(Batches.of("a", "b"), b -> b.put(at, (byte) value));
    }

    private static MemoryRecords length(int length) {
        return Batches.torn(Batches.of("a", "b"), b -> b.putInt(LENGTH, length));
    }

    private static MemoryRecords hugeBehindAGoodOne() {
        var two = Batches.two();
        int second = two.batches().iterator().next().sizeInBytes();
        return Batches.torn(two, b -> b.putInt(second + LENGTH, Integer.MAX_VALUE));
    }

    private static MemoryRecords count(int count, int lastOffsetDelta) {
        return Batches.changed(
                Batches.of("a", "b"), b -> b.putInt(COUNT, count).putInt(LAST_OFFSET_DELTA, lastOffsetDelta));
    }

    private static MemoryRecords attributes(int attributes) {
        return Batches.changed(Batches.of("a", "b"), b -> b.putShort(ATTRIBUTES, (short) attributes));
    }

    private static MemoryRecords endlessVarint(int at) {
        return Batches.changed(Batches.of("a".repeat(40)), b -> {
            for (int i = 0; i < 20; i++) {
                b.put(at + i, (byte) 0xff);
            }
        });
    }

    private static MemoryRecords cut(MemoryRecords records, int size) {
        return MemoryRecords.readableRecords(records.buffer().limit(size));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void isRefusedAndNotStored(Errors expected, MemoryRecords records) throws IOException {
        long end = produced(SIEGE.client(), produce("t", 0, records("good").buffer()))
                .baseOffset();
        assertEquals(expected, produce(SIEGE.client(), "t", 0, records.buffer()));
        var after = produced(SIEGE.client(), produce("t", 0, records("good").buffer()));
        assertEquals(end + 1, after.baseOffset(), "nothing is stored, and the connection goes on");
    }

    @Test
    void withoutAcknowledgementTheConnectionIsClosed() throws IOException {
        var bad = produce("t", 0, count(3, 2).buffer()).setAcks((short) 0);
        SIEGE.client().send(ApiKeys.PRODUCE, 12, bad);
        assertTrue(SIEGE.client().isClosedByServer());
    }

    @Test
    void aBadPartitionDoesNotSpoilAGoodOne() throws IOException {
        var request = produce("t", 0, count(3, 2).buffer());
        request.topicData()
                .add(produce("t", 1, records("good").buffer())
                        .topicData()
                        .iterator()
                        .next()
                        .duplicate());
        ProduceResponseData answer = SIEGE.client().call(ApiKeys.PRODUCE, 12, request);
        var partitions = answer.responses().stream()
                .flatMap(t -> t.partitionResponses().stream())
                .toList();
        assertEquals(Errors.INVALID_RECORD.code(), partitions.get(0).errorCode());
        assertEquals(Errors.NONE.code(), partitions.get(1).errorCode());
    }

    @Test
    void aPartitionWithoutRecordsAtAll() throws IOException {
        var request = produce("t", 0, records("x").buffer());
        request.topicData().iterator().next().partitionData().get(0).setRecords(null);
        assertEquals(
                Errors.INVALID_RECORD.code(), produced(SIEGE.client(), request).errorCode());
    }

    static Stream<Arguments> nowhere() {
        return Stream.of(
                argumentSet("negative", "t", -1, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                argumentSet("beyond", "t", 2, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                argumentSet("far beyond", "t", Integer.MAX_VALUE, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                argumentSet("unknown", "unknown", 0, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                argumentSet("empty", "", 0, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                argumentSet("dots", "..", 0, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                argumentSet("a path", "../t", 0, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                argumentSet("long", "x".repeat(30_000), 0, Errors.UNKNOWN_TOPIC_OR_PARTITION));
    }

    @ParameterizedTest
    @MethodSource("nowhere")
    void toAPartitionThatIsNot(String topic, int partition, Errors expected) throws IOException {
        assertEquals(
                expected, produce(SIEGE.client(), topic, partition, records("x").buffer()));
        assertTrue(SIEGE.broker().broker().image().topics().byName(topic).isEmpty() || topic.equals("t"));
    }

    @Test
    void acksThatAreNone() throws IOException {
        for (short acks : new short[] {2, -2, Short.MAX_VALUE, Short.MIN_VALUE}) {
            var request = produce("t", 0, records("x").buffer()).setAcks(acks);
            assertEquals(
                    Errors.INVALID_REQUIRED_ACKS.code(),
                    produced(SIEGE.client(), request).errorCode());
        }
    }

    /** Bytes changed at random, the CRC right again: what is accepted must be readable, what is not is named. */
    @Test
    void randomlyChangedBatches() throws IOException {
        var random = new Random(4);
        var refusals = EnumSet.of(
                Errors.NONE,
                Errors.INVALID_RECORD,
                Errors.CORRUPT_MESSAGE,
                Errors.INVALID_TIMESTAMP,
                Errors.MESSAGE_TOO_LARGE,
                Errors.UNSUPPORTED_COMPRESSION_TYPE,
                Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
                Errors.INVALID_PRODUCER_EPOCH,
                Errors.DUPLICATE_SEQUENCE_NUMBER,
                Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        SIEGE.broker().createTopic("changed", 1);
        var seen = new HashSet<Errors>();
        var accepted = 0;
        for (int i = 0; i < FUZZED_BATCHES; i++) {
            var type = CompressionType.values()[random.nextInt(CompressionType.values().length)];
            var values = IntStream.rangeClosed(0, random.nextInt(5))
                    .mapToObj(n -> "value " + n)
                    .toArray(String[]::new);
            var good = Batches.of(Compression.of(type).build(), values);
            var changed = Batches.changed(good, b -> {
                for (int n = 1 + random.nextInt(3); n > 0; n--) {
                    int at = random.nextInt(3) == 0
                            ? random.nextInt(b.limit())
                            : ATTRIBUTES + random.nextInt(b.limit() - ATTRIBUTES);
                    b.put(at, (byte) random.nextInt());
                }
            });
            var error = errorOf(produce("changed", 0, changed.buffer()));
            assertTrue(refusals.contains(error), () -> "a batch was refused with " + error);
            seen.add(error);
            accepted += error == Errors.NONE ? 1 : 0;
        }
        assertTrue(seen.size() >= 4 && accepted > 20, seen + ", of them accepted: " + accepted);
        readAll("changed");
    }

    /** A request can be refused as a whole. */
    private Errors errorOf(ProduceRequestData request) throws IOException {
        return Errors.forCode(produced(SIEGE.client(), request).errorCode());
    }

    private static void readAll(String topic) {
        var partition = new TopicPartition(topic, 0);
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", SIEGE.broker().bootstrapServers(), "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            await().until(() -> {
                consumer.poll(Duration.ofMillis(100));
                return consumer.position(partition) == end;
            });
        }
    }

    // ---- what inflates

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"NONE"},
            mode = EnumSource.Mode.EXCLUDE)
    void aZipBombIsGivenUpAtTheDefaultLimit(CompressionType type) throws IOException {
        var bomb = ZipBomb.of(type, 140 * MIB);
        SIEGE.broker().create(topic("large-" + type.name, "max.message.bytes", "" + 8 * MIB));
        assertBombIsDefused(SIEGE.broker(), "large-" + type.name, bomb, MODEST_BYTES);
        // The same, where it would have to be inflated to be stored: in a buffer that grows up to max.message.bytes.
        SIEGE.broker()
                .create(topic(
                        "plain-" + type.name, "max.message.bytes", "" + 8 * MIB, "compression.type", "uncompressed"));
        assertBombIsDefused(SIEGE.broker(), "plain-" + type.name, bomb, 128 * MIB);
    }

    @Test
    void aZipBombIsGivenUpAtALimitThatIsSet(@TempDir Path other) throws IOException {
        try (var limited = BesiegedBroker.start(other, "odradek.max.decompressed.batch.bytes", "" + 2 * MIB)) {
            limited.createTopic("t", 1);
            for (var type : EnumSet.complementOf(EnumSet.of(CompressionType.NONE))) {
                assertBombIsDefused(limited, "t", ZipBomb.of(type, 3 * MIB), MODEST_BYTES);
                try (var honest = limited.connect()) {
                    assertEquals(Errors.NONE, produce(honest, "t", 0, ZipBomb.of(type, MIB)));
                }
            }
        }
    }

    private static void assertBombIsDefused(BesiegedBroker broker, String topic, ByteBuffer bomb, long modestBytes)
            throws IOException {
        long before = BesiegedBroker.allocatedBytes();
        try (var attacker = broker.connect()) {
            var sent = attacker.send(ApiKeys.PRODUCE, 12, produce(topic, 0, bomb));
            broker.othersAreServed();
            var answer = (ProduceResponseData) attacker.read(sent).data();
            assertEquals(
                    Errors.MESSAGE_TOO_LARGE,
                    Errors.forCode(answer.responses()
                            .iterator()
                            .next()
                            .partitionResponses()
                            .get(0)
                            .errorCode()));
        }
        long allocated = BesiegedBroker.allocatedBytes() - before;
        assertTrue(allocated < modestBytes, () -> allocated + " bytes of heap for a bomb of " + bomb.remaining());
    }

    private static CreatableTopic topic(String name, String... configs) {
        var topic = new CreatableTopic().setName(name).setNumPartitions(1);
        for (int i = 0; i < configs.length; i += 2) {
            topic.configs().add(new CreatableTopicConfig().setName(configs[i]).setValue(configs[i + 1]));
        }
        return topic;
    }
}
