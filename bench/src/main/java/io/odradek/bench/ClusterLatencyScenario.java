package io.odradek.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How long a record takes to be acknowledged by all in sync, at a steady rate. Each record has a time at which it should be
 * sent, whatever became of those before: its latency counts from then, so that nobody gains by letting others wait.
 */
final class ClusterLatencyScenario implements Scenario<ClusterUnderTest> {
    private static final int RECORDS_PER_SECOND = 5_000;
    private static final long WARM_UP_S = 5;
    private static final long MEASURED_S = 15;
    private static final long HIGHEST_US = TimeUnit.SECONDS.toMicros(60);
    private static final String TOPIC = "latency";

    @Override
    public String name() {
        return "cluster-latency";
    }

    @Override
    public void round(ClusterUnderTest cluster, int round, Figures.OfBroker figures) throws Exception {
        if (round < 0) {
            try (var admin = cluster.admin()) {
                admin.createTopics(List.of(new NewTopic(TOPIC, Load.PARTITIONS, (short) 3)))
                        .all()
                        .get();
            }
        }
        // All that matters here is a producer's default: acks=all, idempotence, batches of 16 KiB, 5 ms linger.
        var settings = Map.<String, Object>of("bootstrap.servers", cluster.bootstrap());
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            produce(producer, WARM_UP_S);
            var cpu = cluster.cpu();
            var latencies = produce(producer, MEASURED_S);
            var used = cluster.cpu().minus(cpu).toNanos() / 1e9 / MEASURED_S;
            figures.add("acks=all at 5,000 records/s, median, ms", latencies.getValueAtPercentile(50) / 1e3);
            figures.add("acks=all at 5,000 records/s, p99, ms", latencies.getValueAtPercentile(99) / 1e3);
            figures.add("acks=all at 5,000 records/s, p99.9, ms", latencies.getValueAtPercentile(99.9) / 1e3);
            figures.add("CPU cores of the three brokers at 5,000 records/s", used);
        }
    }

    private static ConcurrentHistogram produce(KafkaProducer<byte[], byte[]> producer, long seconds) {
        var latencies = new ConcurrentHistogram(HIGHEST_US, 3);
        var failures = new LongAdder();
        var payload = new byte[Load.RECORD_BYTES];
        var from = System.nanoTime();
        for (long i = 0; i < seconds * RECORDS_PER_SECOND; i++) {
            long due = from + i * TimeUnit.SECONDS.toNanos(1) / RECORDS_PER_SECOND;
            for (long ahead = due - System.nanoTime(); ahead > 0; ahead = due - System.nanoTime()) {
                LockSupport.parkNanos(ahead);
            }
            producer.send(new ProducerRecord<>(TOPIC, (int) (i % Load.PARTITIONS), null, payload), (sent, failure) -> {
                latencies.recordValue(Math.min(HIGHEST_US, (System.nanoTime() - due) / 1_000));
                if (failure != null) {
                    failures.increment();
                }
            });
        }
        producer.flush();
        if (failures.sum() > 0) {
            throw new IllegalStateException(failures + " records were refused");
        }
        return latencies;
    }
}
