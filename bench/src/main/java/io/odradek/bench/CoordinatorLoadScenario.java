package io.odradek.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitResponse;

/** A broker restarts whose coordinator has a million offsets in one partition: when its groups are served, and others. */
final class CoordinatorLoadScenario implements Scenario<BrokerUnderTest> {
    private static final int COORDINATOR_PARTITIONS = 2;
    private static final int GROUPS = 10_000;
    private static final int OFFSETS_A_GROUP = 100;
    private static final int CONNECTIONS = 4;
    private static final int UNDER_WAY = 8;
    private static final int LIMIT_S = 180;
    private static final String TOPIC = "loaded-";

    @Override
    public String name() {
        return "coordinator-load";
    }

    @Override
    public boolean startsBroker() {
        return true;
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("offsets.topic.num.partitions", Integer.toString(COORDINATOR_PARTITIONS));
    }

    @Override
    public void round(BrokerUnderTest broker, int round, Figures.OfBroker figures) throws Exception {
        if (round < 0) {
            broker.start();
            fill(broker);
        }
        broker.stop();
        var start = broker.restart();
        var from = System.nanoTime();
        var threads = Executors.newFixedThreadPool(2);
        try {
            var loaded = threads.submit(() -> served(broker, groups(0, GROUPS).get(GROUPS - 1), from));
            var other = threads.submit(() -> served(broker, groups(1, 1).get(0), from));
            figures.add("restart with a million offsets, to the first Metadata answer, s", start.toNanos() / 1e9);
            figures.add("from then until a group of the small partition is served, s", other.get());
            figures.add("from then until a group of the partition with a million offsets is served, s", loaded.get());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Groups whose offsets are in that partition of the offsets topic. */
    private static List<String> groups(int partition, int count) {
        var groups = new ArrayList<String>();
        for (int i = 0; groups.size() < count; i++) {
            var group = "loaded-" + i;
            if ((group.hashCode() & Integer.MAX_VALUE) % COORDINATOR_PARTITIONS == partition) {
                groups.add(group);
            }
        }
        return groups;
    }

    private static void fill(BrokerUnderTest broker) throws Exception {
        Load.createTopics(broker, TOPIC, 1, OFFSETS_A_GROUP);
        var groups = groups(0, GROUPS);
        var other = groups(1, 1).get(0);
        try (var connection = new Connection(broker.port)) {
            Coordination.await(connection, groups.get(0));
            Coordination.await(connection, other);
            connection.send(Coordination.commit(other, TOPIC + "0", OFFSETS_A_GROUP, 1));
            Coordination.check((OffsetCommitResponse) connection.receive());
        }
        var threads = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            var filling = new ArrayList<Future<?>>();
            for (int c = 0; c < CONNECTIONS; c++) {
                var first = c;
                filling.add(threads.submit((Callable<Void>) () -> {
                    fill(broker, groups, first);
                    return null;
                }));
            }
            for (var future : filling) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void fill(BrokerUnderTest broker, List<String> groups, int first) throws Exception {
        try (var connection = new Connection(broker.port)) {
            int underWay = 0;
            for (int g = first; g < groups.size(); g += CONNECTIONS) {
                if (underWay == UNDER_WAY) {
                    Coordination.check((OffsetCommitResponse) connection.receive());
                    underWay--;
                }
                connection.send(Coordination.commit(groups.get(g), TOPIC + "0", OFFSETS_A_GROUP, 1));
                underWay++;
            }
            for (; underWay > 0; underWay--) {
                Coordination.check((OffsetCommitResponse) connection.receive());
            }
        }
    }

    /** Seconds until all offsets of the group are there. */
    private static double served(BrokerUnderTest broker, String group, long from) throws Exception {
        try (var connection = new Connection(broker.port)) {
            while (true) {
                var offsets = Coordination.offsets(connection, group);
                var seconds = (System.nanoTime() - from) / 1e9;
                if (offsets.errorCode() == Errors.NONE.code()) {
                    var found = offsets.topics().stream()
                            .mapToInt(t -> t.partitions().size())
                            .sum();
                    if (found != OFFSETS_A_GROUP) {
                        throw new IllegalStateException(broker.name + " has " + found + " offsets of " + group);
                    }
                    return seconds;
                }
                if (seconds > LIMIT_S) {
                    throw new IllegalStateException(
                            broker.name + " does not serve " + group + ": " + Errors.forCode(offsets.errorCode()));
                }
                Thread.sleep(5);
            }
        }
    }
}
