package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.INIT_PRODUCER_ID;
import static org.apache.kafka.common.protocol.ApiKeys.PRODUCE;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/** Records are written. */
final class ProduceSteps {
    private static final short FIRST_VERSION = 3;
    private static final short FIRST_VERSION_BY_ID = 13;
    private static final short BY_NAME = 12;
    private static final long HOUR_MS = 3_600_000;

    private ProduceSteps() {}

    static void add(Script script) {
        TopicSteps.setup(script, "data", 2);
        TopicSteps.setup(script, "small", 1, "max.message.bytes", "200");
        TopicSteps.setup(script, "compacted", 1, "cleanup.policy", "compact");
        TopicSteps.setup(script, "append-time", 1, "message.timestamp.type", "LogAppendTime");
        TopicSteps.setup(
                script,
                "narrow",
                1,
                "message.timestamp.before.max.ms",
                "" + HOUR_MS,
                "message.timestamp.after.max.ms",
                "" + HOUR_MS);
        TopicSteps.setup(script, "two-replicas", 1, "min.insync.replicas", "2");
        eachVersion(script);
        acks(script);
        refused(script);
        malformed(script);
        compressed(script);
        initProducerId(script);
        idempotent(script);
        client(script);
        dynamicDefaults(script);
    }

    /** A dynamic setting of all brokers reaches the logs of a topic that sets nothing itself, and so does a topic's own. */
    private static void dynamicDefaults(Script script) {
        TopicSteps.setup(script, "resized", 1);
        for (var step : List.of(
                ConfigSteps.altered(Type.BROKER, "", "message.max.bytes", "150"),
                ConfigSteps.altered(Type.TOPIC, "resized", "max.message.bytes", "250"))) {
            script.change("limit of the size of batches", step);
            script.ask(
                    "a batch beyond that limit",
                    peer -> peer.call(
                            PRODUCE, BY_NAME, request(peer, BY_NAME, "resized", 0, 1, Batches.of("x".repeat(300)))));
        }
        script.change(
                "limit of the size of batches, removed",
                ConfigSteps.altered(Type.BROKER, "", "message.max.bytes", null));
    }

    private static void eachVersion(Script script) {
        for (short version = FIRST_VERSION; version <= PRODUCE.latestVersion(false); version++) {
            produce(script, version, "two records", "data", 0, -1, () -> Batches.of("a", "b"));
            produce(script, version, "an unknown partition", "data", 9, 1, () -> Batches.of("a"));
            produce(script, version, "a negative partition", "data", -1, 1, () -> Batches.of("a"));
            produce(script, version, "an unknown topic", "no-such-topic", 0, 1, () -> Batches.of("a"));
            produce(script, version, "log append time", "append-time", 0, 1, () -> Batches.of("a"));
            produce(script, version, "no records", "data", 0, 1, () -> MemoryRecords.EMPTY);
        }
        script.change(PRODUCE, BY_NAME, "nothing", peer -> new ProduceRequestData()
                .setAcks((short) 1)
                .setTimeoutMs(5000));
    }

    private static void acks(Script script) {
        produce(script, BY_NAME, "acks 1", "data", 0, 1, () -> Batches.of("one"));
        for (int acks : new int[] {2, -2, 100}) {
            produce(script, BY_NAME, "acks " + acks, "data", 0, acks, () -> Batches.of("x"));
        }
        script.change("Produce with acks 0 has no answer", peer -> {
            try {
                peer.wire().send(PRODUCE, BY_NAME, request(peer, BY_NAME, "data", 0, 0, Batches.of("zero")));
            } catch (java.io.IOException e) {
                return TextNode.valueOf(e.toString());
            }
            return peer.call(PRODUCE, BY_NAME, request(peer, BY_NAME, "data", 0, 1, Batches.of("after zero")));
        });
    }

    private static void refused(Script script) {
        produce(script, BY_NAME, "too large", "small", 0, 1, () -> Batches.of("x".repeat(300)));
        produce(script, BY_NAME, "just small enough", "small", 0, 1, () -> Batches.of("x"));
        produce(script, BY_NAME, "no key in a compacted topic", "compacted", 0, 1, () -> Batches.keyless("x"));
        produce(script, BY_NAME, "a key in a compacted topic", "compacted", 0, 1, () -> Batches.of("x"));
        produce(script, BY_NAME, "too old", "narrow", 0, 1, () -> Batches.at(now() - 2 * HOUR_MS, "x"));
        produce(script, BY_NAME, "too new", "narrow", 0, 1, () -> Batches.at(now() + 2 * HOUR_MS, "x"));
        produce(script, BY_NAME, "of now", "narrow", 0, 1, () -> Batches.at(now(), "x"));
        produce(script, BY_NAME, "no timestamp", "data", 0, 1, () -> Batches.at(-1, "x"));
        produce(script, BY_NAME, "too few replicas, acks all", "two-replicas", 0, -1, () -> Batches.of("x"));
        produce(script, BY_NAME, "too few replicas, acks 1", "two-replicas", 0, 1, () -> Batches.of("x"));
        produce(script, BY_NAME, "invalid topic", "a b", 0, 1, () -> Batches.of("x"));
        produce(script, BY_NAME, "empty topic", "", 0, 1, () -> Batches.of("x"));
    }

    private static void malformed(Script script) {
        produce(script, BY_NAME, "magic 0", "data", 0, 1, () -> Batches.ofMagic((byte) 0, "x"));
        produce(script, BY_NAME, "magic 1", "data", 0, 1, () -> Batches.ofMagic((byte) 1, "x"));
        produce(script, BY_NAME, "two batches", "data", 0, 1, Batches::two);
        produce(
                script,
                BY_NAME,
                "crc wrong",
                "data",
                0,
                1,
                () -> Batches.torn(Batches.of("x"), b -> b.put(b.limit() - 3, (byte) 9)));
        produce(
                script,
                BY_NAME,
                "magic 3",
                "data",
                0,
                1,
                () -> Batches.torn(Batches.of("x"), b -> b.put(16, (byte) 3)));
        produce(
                script,
                BY_NAME,
                "base offset not 0",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x"), b -> b.putLong(0, 77)));
        produce(
                script,
                BY_NAME,
                "count too high",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x", "y"), b -> b.putInt(57, 3)));
        produce(
                script,
                BY_NAME,
                "count too low",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x", "y"), b -> b.putInt(57, 1)));
        produce(
                script,
                BY_NAME,
                "count negative",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x", "y"), b -> b.putInt(57, -1)));
        produce(
                script,
                BY_NAME,
                "last offset too high",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x", "y"), b -> b.putInt(23, 7)));
        produce(
                script,
                BY_NAME,
                "last offset negative",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x", "y"), b -> b.putInt(23, -7)));
        produce(
                script,
                BY_NAME,
                "a control batch",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x"), b -> b.putShort(21, (short) 0x20)));
        produce(
                script,
                BY_NAME,
                "compression unknown",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x"), b -> b.putShort(21, (short) 7)));
        produce(
                script,
                BY_NAME,
                "said to be compressed",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x"), b -> b.putShort(21, (short) 1)));
        produce(
                script,
                BY_NAME,
                "said to be of log append time",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x"), b -> b.putShort(21, (short) 8)));
        produce(
                script,
                BY_NAME,
                "a record longer than the batch",
                "data",
                0,
                1,
                () -> Batches.changed(Batches.of("x"), b -> b.put(61, (byte) 0x7e)));
        produce(
                script,
                BY_NAME,
                "length too short",
                "data",
                0,
                1,
                () -> Batches.torn(Batches.of("x"), b -> b.putInt(8, 20)));
        produce(
                script,
                BY_NAME,
                "length too long",
                "data",
                0,
                1,
                () -> Batches.torn(Batches.of("x"), b -> b.putInt(8, 5000)));
        produce(script, BY_NAME, "a good one after them", "data", 0, 1, () -> Batches.of("fine"));
    }

    private static void compressed(Script script) {
        var compressions = Map.of(
                "gzip", Compression.gzip().build(),
                "lz4", Compression.lz4().build(),
                "snappy", Compression.snappy().build(),
                "zstd", Compression.zstd().build(),
                "uncompressed", Compression.NONE);
        var targets = List.of("producer", "gzip", "lz4", "snappy", "zstd", "uncompressed");
        for (var target : targets) {
            var topic = "compress-" + target;
            TopicSteps.setup(script, topic, 1, "compression.type", target);
            compressions.keySet().stream()
                    .sorted()
                    .forEach(source -> produce(
                            script,
                            BY_NAME,
                            source + " to " + target,
                            topic,
                            0,
                            -1,
                            () -> Batches.of(compressions.get(source), "x".repeat(100), "y".repeat(100))));
            FetchSteps.fetch(script, BY_NAME, "what was written to " + topic, topic, 0, 0);
        }
    }

    private static void initProducerId(Script script) {
        // Apache Kafka says COORDINATOR_LOAD_IN_PROGRESS until its first block of ids has come.
        script.change("producer ids are available", peer -> {
            Awaitility.await().until(() -> {
                InitProducerIdResponseData answer =
                        peer.answer(INIT_PRODUCER_ID, 4, new InitProducerIdRequestData().setTransactionalId(null));
                return answer.errorCode() == 0;
            });
            return TextNode.valueOf("available");
        });
        script.askEachVersion(
                INIT_PRODUCER_ID, "an id", (peer, version) -> new InitProducerIdRequestData().setTransactionalId(null));
        script.askEachVersion(
                INIT_PRODUCER_ID, "empty transactional id", (peer, version) -> new InitProducerIdRequestData()
                        .setTransactionalId("")
                        .setTransactionTimeoutMs(1000));
        for (short version = 3; version <= INIT_PRODUCER_ID.latestVersion(false); version++) {
            script.ask(INIT_PRODUCER_ID, version, "with an id of one's own", peer -> new InitProducerIdRequestData()
                    .setTransactionalId(null)
                    .setProducerId(5)
                    .setProducerEpoch((short) 3));
            script.ask(INIT_PRODUCER_ID, version, "with half an id", peer -> new InitProducerIdRequestData()
                    .setTransactionalId(null)
                    .setProducerId(5));
        }
    }

    private static void idempotent(Script script) {
        TopicSteps.setup(script, "exact", 1);
        sequence(script, "first, not from 0", 0, 5);
        sequence(script, "first", 0, 0);
        sequence(script, "again", 0, 0);
        sequence(script, "next", 0, 2);
        sequence(script, "gap", 0, 8);
        sequence(script, "again, the first", 0, 0);
        for (int i = 2; i < 7; i++) {
            sequence(script, "one more", 0, 2 * i);
        }
        sequence(script, "again, no longer remembered", 0, 0);
        sequence(script, "again, overlapping", 0, 11);
        sequence(script, "newer epoch, not from 0", 1, 14);
        sequence(script, "newer epoch", 1, 0);
        sequence(script, "older epoch", 0, 14);
        script.change(PRODUCE, BY_NAME, "a transaction that was not begun", peer -> request(
                        peer, BY_NAME, "exact", 0, -1, Batches.transactional(4001, 0, 0, "t"))
                .setTransactionalId("no-such-transaction"));
        FetchSteps.fetch(script, BY_NAME, "what was written exactly", "exact", 0, 0);
    }

    private static void sequence(Script script, String name, int epoch, int sequence) {
        produce(
                script,
                BY_NAME,
                "epoch " + epoch + " sequence " + sequence + ": " + name,
                "exact",
                0,
                -1,
                () -> Batches.idempotent(4000, epoch, sequence, "v" + sequence, "w" + sequence));
    }

    private static void client(Script script) {
        script.change(
                "KafkaProducer, idempotent, to a topic to be created",
                peer -> Script.outcome(() -> {
                    Map<String, Object> config = Map.of("bootstrap.servers", peer.bootstrap(), "linger.ms", 0);
                    try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
                        var text = new StringBuilder();
                        for (int i = 0; i < 5; i++) {
                            var sent = producer.send(new ProducerRecord<>("client-made", 0, "k" + i, "v" + i))
                                    .get();
                            text.append(sent.topic())
                                    .append(sent.partition())
                                    .append('@')
                                    .append(sent.offset())
                                    .append(' ');
                        }
                        return text;
                    }
                }));
        script.change(
                "KafkaProducer, a record too large",
                peer -> Script.outcome(() -> {
                    Map<String, Object> config = Map.of("bootstrap.servers", peer.bootstrap());
                    try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
                        return producer.send(new ProducerRecord<>("small", 0, "k", "v".repeat(500)))
                                .get()
                                .offset();
                    }
                }));
    }

    @FunctionalInterface
    private interface Data {
        MemoryRecords records();
    }

    private static void produce(
            Script script, short version, String name, String topic, int partition, int acks, Data data) {
        script.change(PRODUCE, version, name, peer -> request(peer, version, topic, partition, acks, data.records()));
    }

    private static ProduceRequestData request(
            Peer peer, short version, String topic, int partition, int acks, MemoryRecords records) {
        var target = new TopicProduceData()
                .setPartitionData(
                        List.of(new PartitionProduceData().setIndex(partition).setRecords(records)));
        if (version < FIRST_VERSION_BY_ID) {
            target.setName(topic);
        } else {
            target.setTopicId(topic.equals("no-such-topic") ? new Uuid(6, 6) : peer.topicId(topic));
        }
        var request = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(5000);
        request.topicData().add(target);
        return request;
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
