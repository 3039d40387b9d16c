package io.odradek.bench;

import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.requests.OffsetCommitResponse;

/** Offset commits of one partition each, one after the other on each of many connections: Kafka lets none overtake. */
final class CommitScenario implements Scenario<BrokerUnderTest> {
    private static final int CONNECTIONS = 32;
    private static final int UNDER_WAY = 1;
    private static final int GROUPS = 40;
    private static final long WARM_UP_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long MEASURED_NS = TimeUnit.SECONDS.toNanos(8);
    private static final String TOPIC = "commit-";

    @Override
    public String name() {
        return "commit";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("offsets.topic.num.partitions", "4");
    }

    @Override
    public void round(BrokerUnderTest broker, int round, Figures.OfBroker figures) throws Exception {
        if (round < 0) {
            Load.createTopics(broker, TOPIC, 1, 1);
            try (var connection = new Connection(broker.port)) {
                for (int g = 0; g < GROUPS; g++) {
                    Coordination.await(connection, group(g));
                }
            }
        }
        var done = new LongAdder();
        var start = System.nanoTime();
        var end = start + WARM_UP_NS + MEASURED_NS;
        var threads = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            var committing = new ArrayList<Future<?>>();
            for (int c = 0; c < CONNECTIONS; c++) {
                var number = c;
                committing.add(threads.submit(() -> {
                    commit(broker, number, end, done);
                    return null;
                }));
            }
            TimeUnit.NANOSECONDS.sleep(WARM_UP_NS);
            var cpu = broker.cpu();
            var before = done.sum();
            var from = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(MEASURED_NS - TimeUnit.MILLISECONDS.toNanos(100));
            var commits = done.sum() - before;
            var seconds = (System.nanoTime() - from) / 1e9;
            var cpuSeconds = broker.cpu().minus(cpu).toNanos() / 1e9;
            for (var future : committing) {
                future.get();
            }
            figures.add("offset commits per s", commits / seconds);
            figures.add("offset commits per broker CPU s", commits / cpuSeconds);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void commit(BrokerUnderTest broker, int number, long end, LongAdder done) throws Exception {
        try (var connection = new Connection(broker.port)) {
            long sent = 0;
            for (; sent < UNDER_WAY; sent++) {
                connection.send(Coordination.commit(group((int) (sent + number)), TOPIC + "0", 1, sent));
            }
            while (System.nanoTime() < end) {
                Coordination.check((OffsetCommitResponse) connection.receive());
                done.increment();
                connection.send(Coordination.commit(group((int) ((sent + number) % GROUPS)), TOPIC + "0", 1, sent));
                sent++;
            }
        }
    }

    private static String group(int number) {
        return "commits-" + number;
    }
}
