package io.odradek.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** A hundred members come at once; how long until all have their assignment in one generation. */
final class JoinScenario implements Scenario<BrokerUnderTest> {
    private static final int MEMBERS = 100;
    private static final String TOPIC = "join-";

    @Override
    public String name() {
        return "join";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of(
                "offsets.topic.num.partitions", "4",
                "group.initial.rebalance.delay.ms", "0");
    }

    @Override
    public void round(BrokerUnderTest broker, int round, Figures.OfBroker figures) throws Exception {
        if (round < 0) {
            Load.createTopics(broker, TOPIC, 1, MEMBERS);
        }
        var classic = "classic-" + round;
        var consumer = "consumer-" + round;
        measure(broker, "classic", classic, figures, m -> new ClassicMember(classic, MEMBERS));
        measure(broker, "KIP-848", consumer, figures, m -> new ConsumerMember(consumer, TOPIC + "0", 1));
    }

    private static void measure(
            BrokerUnderTest broker, String what, String group, Figures.OfBroker figures, IntFunction<Member> member)
            throws Exception {
        var connections = new ArrayList<Connection>();
        try {
            for (int m = 0; m < MEMBERS; m++) {
                connections.add(new Connection(broker.port));
            }
            Coordination.await(connections.get(0), group);
            List<Member> members = IntStream.range(0, MEMBERS).mapToObj(member).toList();
            var cpu = broker.cpu();
            var from = System.nanoTime();
            Joining.join(members, connections);
            figures.add(MEMBERS + " members join, " + what + ", s", (System.nanoTime() - from) / 1e9);
            figures.add(
                    MEMBERS + " members join, " + what + ", broker CPU s",
                    broker.cpu().minus(cpu).toNanos() / 1e9);
        } finally {
            for (var connection : connections) {
                connection.close();
            }
        }
    }
}
