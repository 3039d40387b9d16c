package io.odradek.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A thousand stable groups of five members that do nothing but say that they are there; what that costs the broker. */
final class HeartbeatScenario implements Scenario<BrokerUnderTest> {
    private static final int GROUPS = 1_000;
    private static final int MEMBERS = 5;
    private static final int PARTITIONS = 10;
    /** Groups that join at the same time. */
    private static final int LANES = 20;

    private static final int CONNECTIONS = 10;
    private static final long SETTLE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long MEASURED_NS = TimeUnit.SECONDS.toNanos(20);
    private static final String TOPIC = "heartbeat-";

    /** The defaults of {@code heartbeat.interval.ms} and {@code group.consumer.heartbeat.interval.ms}. */
    private enum Protocol {
        CLASSIC("classic", 3_000),
        CONSUMER("KIP-848", 5_000);

        private final String text;
        private final int intervalMs;

        Protocol(String text, int intervalMs) {
            this.text = text;
            this.intervalMs = intervalMs;
        }
    }

    private final Map<BrokerUnderTest, Map<Protocol, List<Member>>> stable = new HashMap<>();

    @Override
    public String name() {
        return "heartbeat";
    }

    /** While one broker is measured the other's members are silent, and must not be taken for dead. */
    @Override
    public Map<String, String> settings() {
        return Map.of(
                "offsets.topic.num.partitions", "8",
                "group.initial.rebalance.delay.ms", "0",
                "group.consumer.max.session.timeout.ms", "3600000",
                "group.consumer.session.timeout.ms", "3600000");
    }

    @Override
    public void round(BrokerUnderTest broker, int round, Figures.OfBroker figures) throws Exception {
        if (round < 0) {
            Load.createTopics(broker, TOPIC, 1, PARTITIONS);
        }
        for (var protocol : Protocol.values()) {
            var ofBroker = stable.computeIfAbsent(broker, b -> new HashMap<>());
            if (!ofBroker.containsKey(protocol)) {
                ofBroker.put(protocol, join(broker, protocol));
            }
            var cores = beat(broker, ofBroker.get(protocol), protocol.intervalMs);
            figures.add("heartbeats of 5,000 members in 1,000 groups, " + protocol.text + ", broker CPU cores", cores);
        }
    }

    private static List<Member> join(BrokerUnderTest broker, Protocol protocol) throws Exception {
        var lanes = Executors.newFixedThreadPool(LANES);
        try {
            var joining = new ArrayList<Future<List<Member>>>();
            for (int lane = 0; lane < LANES; lane++) {
                var first = lane;
                joining.add(lanes.submit(() -> joinEach(broker, protocol, first)));
            }
            var members = new ArrayList<Member>();
            for (var future : joining) {
                members.addAll(future.get());
            }
            return members;
        } finally {
            lanes.shutdownNow();
        }
    }

    private static List<Member> joinEach(BrokerUnderTest broker, Protocol protocol, int first) throws Exception {
        var connections = new ArrayList<Connection>();
        var all = new ArrayList<Member>();
        try {
            for (int m = 0; m < MEMBERS; m++) {
                connections.add(new Connection(broker.port));
            }
            for (int g = first; g < GROUPS; g += LANES) {
                var group = protocol.text + "-" + g;
                Coordination.await(connections.get(0), group);
                List<Member> members = IntStream.range(0, MEMBERS)
                        .mapToObj(m -> protocol == Protocol.CLASSIC
                                ? new ClassicMember(group, MEMBERS)
                                : new ConsumerMember(group, TOPIC + "0", PARTITIONS / MEMBERS))
                        .map(Member.class::cast)
                        .toList();
                Joining.join(members, connections);
                all.addAll(members);
            }
        } finally {
            for (var connection : connections) {
                connection.close();
            }
        }
        return all;
    }

    /** @return the cores that the broker needed */
    private static double beat(BrokerUnderTest broker, List<Member> members, int intervalMs) throws Exception {
        var threads = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            var end = System.nanoTime() + SETTLE_NS + MEASURED_NS;
            var running = new ArrayList<Future<?>>();
            for (int c = 0; c < CONNECTIONS; c++) {
                var first = c;
                var own = IntStream.range(0, members.size())
                        .filter(m -> m % CONNECTIONS == first)
                        .mapToObj(members::get)
                        .toList();
                running.add(threads.submit((Callable<Void>) () -> {
                    beat(broker, own, intervalMs, end);
                    return null;
                }));
            }
            TimeUnit.NANOSECONDS.sleep(SETTLE_NS);
            var cpu = broker.cpu();
            var from = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(end - System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(100));
            var cores = (double) broker.cpu().minus(cpu).toNanos() / (System.nanoTime() - from);
            for (var future : running) {
                future.get();
            }
            return cores;
        } finally {
            threads.shutdownNow();
        }
    }

    /** Each member in turn, evenly over the interval. */
    private static void beat(BrokerUnderTest broker, List<Member> members, int intervalMs, long end) throws Exception {
        try (var connection = new Connection(broker.port)) {
            var gap = TimeUnit.MILLISECONDS.toNanos(intervalMs) / members.size();
            var next = System.nanoTime();
            for (int m = 0; next < end; m = (m + 1) % members.size()) {
                var wait = next - System.nanoTime();
                if (wait > 0) {
                    TimeUnit.NANOSECONDS.sleep(wait);
                }
                var member = members.get(m);
                connection.send(member.heartbeat());
                member.checkStable(connection.receive());
                next += gap;
            }
        }
    }
}
