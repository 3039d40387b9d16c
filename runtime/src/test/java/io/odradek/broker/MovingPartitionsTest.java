package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.cli.Cli;
import io.odradek.metadata.PartitionImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers in one JVM: partitions are reassigned, leaders elected, a broker leaves for good. */
class MovingPartitionsTest {
    private static final TopicPartition FIRST = new TopicPartition("t", 0);
    private static final TopicPartition SECOND = new TopicPartition("t", 1);

    @TempDir
    Path home;

    @Test
    void partitionsMoveWhileTheyAreWrittenAndLoseNothing() throws Exception {
        try (var cluster = TestCluster.in(home, 3)
                .with("auto.leader.rebalance.enable", "false")
                .start()) {
            try (var admin = cluster.admin();
                    var producer = cluster.producer()) {
                done(admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1, 2), 1, List.of(2, 1)))))
                        .all());
                int sent = send(producer, 0, 500);

                reassign(admin, Map.of(FIRST, List.of(3, 2), SECOND, List.of(3)));
                do {
                    sent = send(producer, sent, sent + 100);
                } while (!done(admin.listPartitionReassignments().reassignments())
                        .isEmpty());
                sent = send(producer, sent, sent + 100);

                awaitEverywhere(cluster, FIRST, p -> p.replicas().equals(List.of(3, 2)) && p.leader() == 3);
                awaitEverywhere(cluster, SECOND, p -> p.replicas().equals(List.of(3)) && p.leader() == 3);
                assertEquals(
                        IntStream.range(0, sent).mapToObj(i -> "v" + i).sorted().toList(),
                        read(cluster, sent).stream().sorted().toList());

                leave(cluster, admin);
            }
        }
    }

    /** Nothing is on broker 1 any more. */
    private static void leave(TestCluster cluster, Admin admin) throws Exception {
        cluster.stop(1);
        await("broker 1 is fenced")
                .atMost(TestCluster.PATIENCE)
                .until(() -> cluster.broker(2).image().broker(1).orElseThrow().fenced());
        done(admin.unregisterBroker(1).all());
        await("broker 1 is forgotten").atMost(TestCluster.PATIENCE).until(() -> cluster.brokers().stream()
                .allMatch(broker -> broker.image().broker(1).isEmpty()));
    }

    /** As the operations guide says it is done, while the topic is written. */
    @Test
    void aDrainedBrokerHoldsNothingAndIsForgotten() throws Exception {
        try (var cluster = TestCluster.in(home, 3, 1).start();
                var admin = cluster.admin();
                var producer = cluster.producer()) {
            done(admin.createTopics(List.of(
                            new NewTopic("t", Map.of(0, List.of(4, 1), 1, List.of(2, 4))),
                            new NewTopic("all", 8, (short) 3)))
                    .all());
            int sent = send(producer, 0, 500);

            Cli.run("cluster", "drain", "4", "-b", cluster.bootstrap()).succeeds();
            do {
                sent = send(producer, sent, sent + 100);
            } while (!done(admin.listPartitionReassignments().reassignments()).isEmpty());
            awaitEverywhere(
                    cluster, FIRST, p -> p.leader() != 4 && !p.replicas().contains(4));
            for (var topic : cluster.broker(1).image().topics().all()) {
                assertTrue(
                        topic.partitions().stream().noneMatch(p -> p.replicas().contains(4)), topic.name());
            }
            var directory = cluster.config(4).log().logDirs().get(0);
            await("nothing is left on its disk").atMost(TestCluster.PATIENCE).until(() -> {
                try (var files = Files.list(directory)) {
                    return files.map(f -> f.getFileName().toString())
                            .filter(name -> !name.endsWith("-delete")) // after file.delete.delay.ms they are gone
                            .noneMatch(name -> name.startsWith("t-") || name.startsWith("all-"));
                }
            });

            cluster.stop(4);
            await("broker 4 is fenced")
                    .atMost(TestCluster.PATIENCE)
                    .until(() ->
                            cluster.broker(1).image().broker(4).orElseThrow().fenced());
            Cli.run("cluster", "unregister", "4", "-b", cluster.bootstrap()).succeeds();
            await("broker 4 is forgotten").atMost(TestCluster.PATIENCE).until(() -> cluster.brokers().stream()
                    .allMatch(broker -> broker.image().broker(4).isEmpty()));
            sent = send(producer, sent, sent + 100);
            assertEquals(
                    IntStream.range(0, sent).mapToObj(i -> "v" + i).sorted().toList(),
                    read(cluster, sent).stream().sorted().toList());
        }
    }

    /** The brokers hear of a change one after the other. */
    private static void awaitEverywhere(TestCluster cluster, TopicPartition name, Predicate<PartitionImage> condition) {
        await(name + " as it should be").atMost(TestCluster.PATIENCE).until(() -> cluster.brokers().stream()
                .allMatch(broker -> broker.image()
                        .topics()
                        .byName(name.topic())
                        .flatMap(topic -> topic.partition(name.partition()))
                        .filter(condition)
                        .isPresent()));
    }

    @Test
    void aReassignmentToABrokerThatIsDownWaitsAndIsCancelled() throws Exception {
        try (var cluster = TestCluster.in(home, 3)
                .with("auto.leader.rebalance.enable", "false")
                .start()) {
            try (var admin = cluster.admin()) {
                done(admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1, 2), 1, List.of(3, 2)))))
                        .all());
                cluster.stop(3);

                reassign(admin, Map.of(FIRST, List.of(3, 1)));
                var ongoing =
                        done(admin.listPartitionReassignments().reassignments()).get(FIRST);
                assertEquals(List.of(3, 1, 2), ongoing.replicas());
                assertEquals(List.of(3), ongoing.addingReplicas());
                assertEquals(List.of(2), ongoing.removingReplicas());
                done(admin.alterPartitionReassignments(Map.of(FIRST, Optional.empty()))
                        .all());
                assertEquals(Map.of(), done(admin.listPartitionReassignments().reassignments()));
                awaitEverywhere(cluster, FIRST, p -> p.replicas().equals(List.of(1, 2)));
                awaitEverywhere(cluster, SECOND, p -> p.leader() == 2);

                cluster.start(List.of(3));
                cluster.awaitInSync("t");
                done(admin.electLeaders(ElectionType.PREFERRED, Set.of(SECOND)).all());
                awaitEverywhere(cluster, SECOND, p -> p.leader() == 3);
            }
        }
    }

    /** KIP-966, between two brokers that are no voters, so that both can be down. */
    @Test
    void whoLeftAnIsrThatWasTooSmallLeadsAfterACleanShutdown() throws Exception {
        try (var cluster = TestCluster.in(home, 3, 2).start()) {
            try (var admin = cluster.admin();
                    var producer = cluster.producer()) {
                done(admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(4, 5), 1, List.of(4, 5)))
                                .configs(Map.of("min.insync.replicas", "2"))))
                        .all());
                int sent = send(producer, 0, 200);

                cluster.stop(4);
                awaitEverywhere(cluster, FIRST, p -> p.leader() == 5 && p.elr().equals(List.of(4)));
                cluster.stop(5);
                awaitEverywhere(cluster, FIRST, p -> !p.hasLeader() && p.elr().equals(List.of(4, 5)));

                cluster.start(List.of(4));
                awaitEverywhere(cluster, FIRST, p -> p.leader() == 4 && p.elr().equals(List.of(5)));
                cluster.start(List.of(5));
                cluster.awaitInSync("t");
                sent = send(producer, sent, sent + 100);
                assertEquals(
                        IntStream.range(0, sent).mapToObj(i -> "v" + i).sorted().toList(),
                        read(cluster, sent).stream().sorted().toList());
            }
        }
    }

    private static void reassign(Admin admin, Map<TopicPartition, List<Integer>> targets) throws Exception {
        var reassignments = new HashMap<TopicPartition, Optional<NewPartitionReassignment>>();
        targets.forEach((partition, replicas) ->
                reassignments.put(partition, Optional.of(new NewPartitionReassignment(replicas))));
        done(admin.alterPartitionReassignments(reassignments).all());
    }

    private static <T> T done(KafkaFuture<T> future) throws Exception {
        return future.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** @return where to go on */
    private static int send(KafkaProducer<String, String> producer, int from, int to) throws Exception {
        var sent = IntStream.range(from, to)
                .mapToObj(i -> producer.send(new ProducerRecord<>("t", i % 2, null, "v" + i)))
                .toList();
        for (var each : sent) {
            each.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        return to;
    }

    private static List<String> read(TestCluster cluster, int count) {
        var values = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrap(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(FIRST, SECOND));
            await("all is read").atMost(TestCluster.PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(r -> values.add(r.value()));
                return values.size() >= count;
            });
        }
        return values;
    }
}
