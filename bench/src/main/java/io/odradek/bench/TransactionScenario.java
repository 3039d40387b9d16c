package io.odradek.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Transactions of a hundred records over six partitions, by a few producers one after the other. */
final class TransactionScenario implements Scenario<BrokerUnderTest> {
    private static final int PRODUCERS = 4;
    private static final int PARTITIONS = 6;
    private static final int RECORDS = 100;
    private static final int RECORD_BYTES = 100;
    private static final long WARM_UP_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long MEASURED_NS = TimeUnit.SECONDS.toNanos(10);
    private static final String TOPIC = "transactions-";

    /** @param commitNs how long each commit took */
    private record Done(List<Long> commitNs) {}

    @Override
    public String name() {
        return "transactions";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("transaction.state.log.num.partitions", "4");
    }

    @Override
    public void round(BrokerUnderTest broker, int round, Figures.OfBroker figures) throws Exception {
        if (round < 0) {
            Load.createTopics(broker, TOPIC, 1, PARTITIONS);
        }
        var from = System.nanoTime() + WARM_UP_NS;
        var threads = Executors.newFixedThreadPool(PRODUCERS);
        try {
            var running = new ArrayList<Callable<Done>>();
            for (int p = 0; p < PRODUCERS; p++) {
                var id = "bench-" + p;
                running.add(() -> transact(broker, id, from));
            }
            var futures = running.stream().map(threads::submit).toList();
            TimeUnit.NANOSECONDS.sleep(from - System.nanoTime());
            var cpu = broker.cpu();
            TimeUnit.NANOSECONDS.sleep(from + MEASURED_NS - System.nanoTime());
            var cpuSeconds = broker.cpu().minus(cpu).toNanos() / 1e9;
            var all = new ArrayList<Long>();
            for (var future : futures) {
                all.addAll(future.get().commitNs);
            }
            var sorted = all.stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            figures.add("transactions of 100 records per s", sorted.length / (MEASURED_NS / 1e9));
            figures.add("transactions of 100 records per broker CPU s", sorted.length / cpuSeconds);
            figures.add("commit of a transaction, median, ms", sorted[sorted.length / 2] / 1e6);
            figures.add("commit of a transaction, p99, ms", sorted[(int) (sorted.length * 0.99)] / 1e6);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Done transact(BrokerUnderTest broker, String id, long from) {
        var settings = Map.<String, Object>of(
                "bootstrap.servers", broker.bootstrap(), "transactional.id", id, "max.block.ms", "30000");
        var payload = new byte[RECORD_BYTES];
        var commitNs = new ArrayList<Long>();
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            while (System.nanoTime() < from + MEASURED_NS) {
                producer.beginTransaction();
                for (int r = 0; r < RECORDS; r++) {
                    producer.send(new ProducerRecord<>(TOPIC + "0", r % PARTITIONS, null, payload));
                }
                var asked = System.nanoTime();
                producer.commitTransaction();
                var answered = System.nanoTime();
                if (answered >= from && answered < from + MEASURED_NS) {
                    commitNs.add(answered - asked);
                }
            }
        }
        return new Done(commitNs);
    }
}
