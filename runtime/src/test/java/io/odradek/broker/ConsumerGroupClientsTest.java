package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.BrokerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's own consumers in consumer groups (KIP-848), and together with classic ones. */
@Timeout(120)
class ConsumerGroupClientsTest {
    private static final String GROUP = "group";

    @TempDir
    Path directory;

    private final Map<String, String> settings = new HashMap<>();
    private final List<KafkaConsumer<String, String>> consumers = new ArrayList<>();
    private Broker broker;
    private Admin admin;

    @BeforeEach
    void start() {
        settings.putAll(Map.of(
                "node.id", "1",
                "log.dirs", directory.toString(),
                "listeners", "PLAINTEXT://127.0.0.1:0",
                "offsets.topic.num.partitions", "4",
                "group.initial.rebalance.delay.ms", "0",
                "group.consumer.min.heartbeat.interval.ms", "200",
                "group.consumer.heartbeat.interval.ms", "200",
                "group.consumer.min.session.timeout.ms", "5000",
                "group.consumer.assignment.interval.ms", "0"));
        open();
    }

    private void open() {
        broker = Broker.start(BrokerConfig.of(settings));
        admin = Admin.create(Map.of("bootstrap.servers", servers()));
    }

    @AfterEach
    void stop() throws Exception {
        consumers.forEach(consumer -> consumer.close(CloseOptions.timeout(Duration.ofSeconds(1))));
        admin.close(Duration.ofSeconds(1));
        broker.close();
    }

    private String servers() {
        return "127.0.0.1:" + broker.port("PLAINTEXT");
    }

    private void createTopic(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                .all()
                .get();
    }

    private KafkaConsumer<String, String> consumer(String protocol, String... more) {
        var config = new HashMap<String, Object>(Map.of(
                "bootstrap.servers",
                servers(),
                "group.id",
                GROUP,
                "group.protocol",
                protocol,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                "false",
                "metadata.max.age.ms",
                "1000"));
        if (protocol.equals("classic")) {
            config.put("heartbeat.interval.ms", "200");
            config.put("session.timeout.ms", "6000");
        }
        for (int i = 0; i < more.length; i += 2) {
            config.put(more[i], more[i + 1]);
        }
        var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        consumers.add(consumer);
        return consumer;
    }

    private void close(KafkaConsumer<String, String> consumer) {
        consumers.remove(consumer);
        consumer.close();
    }

    /** Polls all of them until what they have is as it should be. */
    private void pollUntil(Collection<KafkaConsumer<String, String>> all, BooleanSupplier done) {
        await().atMost(60, TimeUnit.SECONDS)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    all.forEach(consumer -> consumer.poll(Duration.ofMillis(20)));
                    return done.getAsBoolean();
                });
    }

    private static Set<String> assigned(Collection<KafkaConsumer<String, String>> all) {
        var names = new TreeSet<String>();
        all.forEach(c -> c.assignment().forEach(p -> assertTrue(names.add(p.toString()), () -> p + " twice")));
        return names;
    }

    private static int count(KafkaConsumer<String, String> consumer) {
        return consumer.assignment().size();
    }

    private ConsumerGroupDescription describe() throws Exception {
        return admin.describeConsumerGroups(List.of(GROUP))
                .describedGroups()
                .get(GROUP)
                .get();
    }

    @Test
    void partitionsAreSharedOutAndTakenOver() throws Exception {
        createTopic("t", 6);
        var a = consumer("consumer");
        var b = consumer("consumer");
        a.subscribe(List.of("t"));
        pollUntil(List.of(a), () -> count(a) == 6);
        b.subscribe(List.of("t"));
        pollUntil(List.of(a, b), () -> count(a) == 3 && count(b) == 3);
        assertEquals(6, assigned(List.of(a, b)).size());

        var group = describe();
        assertEquals(GroupType.CONSUMER, group.type());
        assertEquals(GroupState.STABLE, group.groupState());
        assertEquals("uniform", group.partitionAssignor());
        assertEquals(2, group.members().size());

        close(a);
        pollUntil(List.of(b), () -> count(b) == 6);
        admin.createPartitions(Map.of("t", NewPartitions.increaseTo(8))).all().get();
        pollUntil(List.of(b), () -> count(b) == 8);
        close(b);
        assertEquals(GroupState.EMPTY, describe().groupState());
        admin.deleteConsumerGroups(List.of(GROUP)).all().get();
    }

    @Test
    void committedOffsetsOutliveTheBroker() throws Exception {
        createTopic("t", 1);
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", servers()),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>("t", "value " + i)).get();
            }
        }
        var a = consumer("consumer", "max.poll.records", "4");
        a.subscribe(List.of("t"));
        var read = new ArrayList<String>();
        await().atMost(60, TimeUnit.SECONDS).until(() -> {
            a.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
            return read.size() >= 4;
        });
        a.commitSync();
        var partition = new TopicPartition("t", 0);
        assertEquals(read.size(), a.committed(Set.of(partition)).get(partition).offset());
        a.close();
        consumers.clear();
        admin.close();
        broker.close();

        open();
        var b = consumer("consumer");
        b.subscribe(List.of("t"));
        await().atMost(60, TimeUnit.SECONDS).until(() -> {
            b.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
            return read.size() >= 10;
        });
        assertEquals("value 9", read.get(9));
        assertEquals(10, read.size());
        admin.alterConsumerGroupOffsets("other", Map.of(partition, new OffsetAndMetadata(3)))
                .all()
                .get();
    }

    @Test
    void aPatternFollowsItsTopics() throws Exception {
        createTopic("orders-eu", 1);
        createTopic("invoices", 1);
        var a = consumer("consumer");
        a.subscribe(new SubscriptionPattern("orders-.*"));
        pollUntil(List.of(a), () -> assigned(List.of(a)).equals(Set.of("orders-eu-0")));
        createTopic("orders-us", 2);
        pollUntil(List.of(a), () -> assigned(List.of(a)).equals(Set.of("orders-eu-0", "orders-us-0", "orders-us-1")));

        var b = consumer("consumer", "group.id", "invalid");
        b.subscribe(new SubscriptionPattern("orders-["));
        assertThrows(InvalidRegularExpression.class, () -> {
            for (int i = 0; i < 200; i++) {
                b.poll(Duration.ofMillis(100));
            }
        });
    }

    @Test
    void aStaticMemberComesBackToWhatItHad() throws Exception {
        createTopic("t", 4);
        var a = consumer("consumer", "group.instance.id", "one");
        var b = consumer("consumer", "group.instance.id", "two");
        a.subscribe(List.of("t"));
        b.subscribe(List.of("t"));
        pollUntil(List.of(a, b), () -> count(a) == 2 && count(b) == 2);
        var had = Set.copyOf(a.assignment());
        close(a);
        var again = consumer("consumer", "group.instance.id", "one");
        again.subscribe(List.of("t"));
        pollUntil(List.of(again, b), () -> again.assignment().equals(had));
        assertEquals(2, count(b));
    }

    /** Classic consumers are replaced by those of the new protocol one after the other, and back again. */
    @Test
    void aGroupMigratesWhileItWorks() throws Exception {
        createTopic("t", 6);
        var x = consumer("classic");
        var y = consumer("classic");
        x.subscribe(List.of("t"));
        y.subscribe(List.of("t"));
        pollUntil(List.of(x, y), () -> count(x) == 3 && count(y) == 3);
        assertEquals(GroupType.CLASSIC, describe().type());

        var a = consumer("consumer");
        a.subscribe(List.of("t"));
        pollUntil(List.of(x, y, a), () -> count(x) == 2 && count(y) == 2 && count(a) == 2);
        assertEquals(6, assigned(List.of(x, y, a)).size());
        assertEquals(GroupType.CONSUMER, describe().type());
        close(x);
        close(y);
        pollUntil(List.of(a), () -> count(a) == 6);

        var z = consumer("classic");
        z.subscribe(List.of("t"));
        pollUntil(List.of(a, z), () -> count(a) == 3 && count(z) == 3);
        assertEquals(GroupType.CONSUMER, describe().type());
        close(a);
        pollUntil(List.of(z), () -> count(z) == 6);
        assertEquals(GroupType.CLASSIC, describe().type());
    }

    @Test
    void aGroupsConfigsStayWithinTheBrokersBounds() throws Exception {
        alter("consumer.heartbeat.interval.ms", "300");
        assertBeyond("consumer.heartbeat.interval.ms", "100");
        assertBeyond("consumer.session.timeout.ms", "60001");
        assertBeyond("consumer.assignment.interval.ms", "15001");
    }

    private void assertBeyond(String name, String value) {
        var failure = assertThrows(ExecutionException.class, () -> alter(name, value));
        assertInstanceOf(InvalidConfigurationException.class, failure.getCause());
    }

    private void alter(String name, String value) throws Exception {
        var change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, GROUP), List.of(change)))
                .all()
                .get();
    }
}
