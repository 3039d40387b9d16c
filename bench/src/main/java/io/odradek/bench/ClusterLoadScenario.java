package io.odradek.bench;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;

/** What producing with {@code acks=all} costs three brokers. */
final class ClusterLoadScenario implements Scenario<ClusterUnderTest> {
    private final double gigabytes;

    ClusterLoadScenario(double gigabytes) {
        this.gigabytes = gigabytes;
    }

    @Override
    public String name() {
        return "cluster-load";
    }

    @Override
    public void round(ClusterUnderTest cluster, int round, Figures.OfBroker figures) throws Exception {
        var topic = "load-" + (round + 1);
        try (var admin = cluster.admin()) {
            // Deleted soon, so that what one round has written does not wait for the disk in the next one.
            var configs = Map.of("file.delete.delay.ms", "1000");
            admin.createTopics(List.of(new NewTopic(topic, Load.PARTITIONS, (short) 3).configs(configs)))
                    .all()
                    .get();
            var produced = Load.produceSafely(cluster, topic, gigabytes);
            admin.deleteTopics(List.of(topic)).all().get();
            figures.add("acks=all on three brokers, produced, MB/s", produced.megabytesPerSecond());
            figures.add("CPU s of the three brokers per GB produced", produced.cpuPerGigabyte());
        }
    }
}
