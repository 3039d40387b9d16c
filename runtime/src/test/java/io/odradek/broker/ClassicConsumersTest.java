package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.BrokerConfig;
import io.odradek.peer.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ClassicGroupDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ClassicGroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's consumers with the classic protocol, in groups of a whole broker. */
@Timeout(120)
class ClassicConsumersTest {
    private static final String TOPIC = "topic";
    private static final String GROUP = "group";
    private static final int PARTITIONS = 6;
    private static final Map<String, Object> COOPERATIVE =
            Map.of("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

    @TempDir
    Path directory;

    private final List<GroupConsumer> consumers = new ArrayList<>();
    private final Set<String> produced = new TreeSet<>();
    private int port;
    private Broker broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        port = Ports.free();
        open();
        admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers(), "reconnect.backoff.ms", "20"));
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                .all()
                .get();
    }

    private void open() {
        broker = Broker.start(BrokerConfig.of(Map.of(
                "node.id", "1",
                "log.dirs", directory.toString(),
                "listeners", "PLAINTEXT://127.0.0.1:" + port,
                "offsets.topic.num.partitions", "3",
                "offsets.topic.replication.factor", "1",
                "group.initial.rebalance.delay.ms", "50")));
    }

    @AfterEach
    void stop() throws Exception {
        for (var consumer : consumers) {
            consumer.close();
        }
        admin.close();
        broker.close();
    }

    private String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    private GroupConsumer consumer(Map<String, Object> settings) {
        var consumer = new GroupConsumer(bootstrapServers(), GROUP, TOPIC, settings);
        consumers.add(consumer);
        return consumer;
    }

    private static Map<String, Object> instance(String id) {
        return Map.of("group.instance.id", id);
    }

    private void produce(int count) {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", (Object) bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                var value = "value " + produced.size();
                produced.add(value);
                producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, value));
            }
        }
    }

    /** Waits until the consumers together have all partitions, each once, and so many each at least. */
    private void awaitShared(int least, GroupConsumer... some) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    var all = new ArrayList<TopicPartition>();
                    for (var consumer : some) {
                        assertTrue(
                                consumer.assignment().size() >= least,
                                consumer.assignment().toString());
                        all.addAll(consumer.assignment());
                    }
                    assertEquals(PARTITIONS, all.size());
                    assertEquals(PARTITIONS, new HashSet<>(all).size());
                });
    }

    private void awaitAllRead() {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    var read = new TreeSet<String>();
                    consumers.forEach(consumer -> read.addAll(consumer.records));
                    assertEquals(produced, read);
                });
    }

    /** Nobody died and everybody committed before partitions went to others, so nothing was read twice. */
    private void assertNothingTwice() {
        assertEquals(
                produced.size(),
                consumers.stream().mapToInt(consumer -> consumer.records.size()).sum());
    }

    private ClassicGroupDescription described() throws Exception {
        return admin.describeClassicGroups(List.of(GROUP)).all().get().get(GROUP);
    }

    @Test
    void consumersThatComeAndGoShareThePartitionsByRange() throws Exception {
        produce(300);
        var first = consumer(Map.of());
        awaitShared(6, first);
        var second = consumer(Map.of());
        awaitShared(3, first, second);
        var third = consumer(Map.of());
        awaitShared(2, first, second, third);
        produce(300);
        awaitAllRead();

        first.close();
        awaitShared(3, second, third);
        produce(300);
        awaitAllRead();
        assertNothingTwice();
    }

    @Test
    void withCooperativeRebalancingOnlyWhatMovesIsRevoked() throws Exception {
        produce(300);
        var first = consumer(COOPERATIVE);
        awaitShared(6, first);
        var second = consumer(COOPERATIVE);
        awaitShared(3, first, second);
        produce(300);
        awaitAllRead();

        assertEquals(1, first.revoked.size(), first.revoked.toString());
        assertEquals(3, first.revoked.get(0).size());
        assertEquals(second.assignment(), first.revoked.get(0));
        assertNothingTwice();
    }

    @Test
    void aGroupGoesFromRangeToCooperativeInTwoRounds() throws Exception {
        var both = Map.<String, Object>of(
                "partition.assignment.strategy",
                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor,"
                        + "org.apache.kafka.clients.consumer.RangeAssignor");
        var old = consumer(Map.of("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor"));
        var first = consumer(both);
        awaitShared(3, old, first);
        assertEquals("range", described().protocolData());

        old.close();
        var second = consumer(both);
        awaitShared(3, first, second);
        assertEquals("cooperative-sticky", described().protocolData());
    }

    @Test
    void aStaticMemberThatRestartsDisturbsNobody() throws Exception {
        produce(60);
        var first = consumer(instance("one"));
        var second = consumer(instance("two"));
        awaitShared(3, first, second);
        awaitAllRead();
        int rebalances = first.rebalances.get();
        var before = GroupConsumer.partitions(second.assignment());
        var id = second.memberId();

        second.close();
        var again = consumer(instance("two"));
        awaitShared(3, first, again);

        assertEquals(before, GroupConsumer.partitions(again.assignment()));
        assertTrue(!id.equals(again.memberId()), "still " + id);
        produce(60);
        awaitAllRead();
        assertEquals(rebalances, first.rebalances.get());
        assertNothingTwice();
    }

    @Test
    void aGroupSurvivesTheBrokersRestart() throws Exception {
        produce(60);
        var first = consumer(Map.of());
        var second = consumer(instance("two"));
        awaitShared(3, first, second);
        awaitAllRead();
        var members = List.of(first.memberId(), second.memberId());

        broker.close();
        open();
        produce(60);

        awaitAllRead();
        awaitShared(3, first, second);
        assertEquals(members, List.of(first.memberId(), second.memberId()));
    }

    @Test
    void administratorsSeeAndManageGroups() throws Exception {
        var first = consumer(instance("one"));
        var second = consumer(Map.of("client.id", "zwei"));
        awaitShared(3, first, second);

        var group = described();
        assertEquals(ClassicGroupState.STABLE, group.state());
        assertEquals("consumer", group.protocol());
        assertEquals("range", group.protocolData());
        var byId = new HashMap<String, Set<Integer>>();
        group.members()
                .forEach(member -> byId.put(
                        member.consumerId(),
                        GroupConsumer.partitions(member.assignment().topicPartitions())));
        assertEquals(
                Map.of(
                        first.memberId(), GroupConsumer.partitions(first.assignment()),
                        second.memberId(), GroupConsumer.partitions(second.assignment())),
                byId);
        assertTrue(group.members().stream()
                .anyMatch(m -> m.clientId().equals("zwei") && m.host().equals("/127.0.0.1")));
        assertEquals(
                List.of(GROUP),
                admin.listGroups().all().get().stream()
                        .map(listing -> listing.groupId())
                        .toList());
        assertRefused(GroupNotEmptyException.class);

        second.close();
        first.close();
        admin.removeMembersFromConsumerGroup(
                        GROUP, new RemoveMembersFromConsumerGroupOptions(Set.of(new MemberToRemove("one"))))
                .all()
                .get();
        assertEquals(ClassicGroupState.EMPTY, described().state());
        admin.deleteConsumerGroups(List.of(GROUP)).all().get();
        assertRefused(GroupIdNotFoundException.class);
    }

    private void assertRefused(Class<? extends Exception> error) {
        var refused = assertThrows(
                ExecutionException.class,
                () -> admin.deleteConsumerGroups(List.of(GROUP)).all().get());
        assertInstanceOf(error, refused.getCause());
    }

    @Test
    void aDozenConsumersThatStartAtOnceShareTheWork() {
        IntStream.range(0, 12).forEach(i -> consumer(Map.of()));
        awaitShared(0, consumers.toArray(GroupConsumer[]::new));
        produce(60);
        awaitAllRead();
    }
}
