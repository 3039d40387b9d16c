package io.odradek.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * {@code kill -9} of a broker that leads a partition and is not the active controller: until the partition's next record is
 * acknowledged. The producer, with its default settings, sends one every few milliseconds.
 */
final class ClusterFailoverScenario implements Scenario<ClusterUnderTest> {
    private static final int PARTITIONS = 6;
    private static final long INTERVAL_MS = 5;
    private static final long BEFORE_MS = 2_000;
    private static final long LIMIT_S = 60;
    private static final String TOPIC = "failover";

    @Override
    public String name() {
        return "cluster-failover";
    }

    @Override
    public void round(ClusterUnderTest cluster, int round, Figures.OfBroker figures) throws Exception {
        try (var admin = cluster.admin()) {
            if (round < 0) {
                admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 3)))
                        .all()
                        .get();
            }
            ClusterUnderTest.await("all replicas in sync", () -> partitions(admin).stream()
                    .allMatch(p -> p.isr().size() == ClusterUnderTest.NODES && p.leader() != null));
            int controller = cluster.controller(admin);
            var victim = partitions(admin).stream()
                    .filter(p -> p.leader().id() != controller)
                    .findFirst()
                    .orElseThrow();
            double seconds = secondsWithoutLeader(cluster, victim);
            cluster.node(victim.leader().id()).restart();
            figures.add("kill -9 of a leader to the next acknowledged record, s", seconds);
        }
    }

    private static List<TopicPartitionInfo> partitions(Admin admin) throws Exception {
        return admin.describeTopics(List.of(TOPIC))
                .allTopicNames()
                .get()
                .get(TOPIC)
                .partitions();
    }

    private static double secondsWithoutLeader(ClusterUnderTest cluster, TopicPartitionInfo victim) throws Exception {
        var settings = Map.<String, Object>of("bootstrap.servers", cluster.bootstrap());
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (long sent = 0; sent < BEFORE_MS; sent += INTERVAL_MS) {
                producer.send(record(victim));
                Thread.sleep(INTERVAL_MS);
            }
            var killed = System.nanoTime();
            cluster.node(victim.leader().id()).kill();
            // What was sent before may have been acknowledged by the one that is dead now.
            var acknowledged = new CompletableFuture<Long>();
            while (!acknowledged.isDone()) {
                producer.send(record(victim), (sent, failure) -> {
                    if (failure == null) {
                        acknowledged.complete(System.nanoTime());
                    }
                });
                Thread.sleep(INTERVAL_MS);
                if (System.nanoTime() - killed > TimeUnit.SECONDS.toNanos(LIMIT_S)) {
                    throw new IllegalStateException("nothing was acknowledged in " + LIMIT_S + " s");
                }
            }
            return (acknowledged.get() - killed) / 1e9;
        }
    }

    private static ProducerRecord<byte[], byte[]> record(TopicPartitionInfo partition) {
        return new ProducerRecord<>(TOPIC, partition.partition(), null, new byte[100]);
    }
}
