package io.odradek.nemesis;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.odradek.it.ClusterProcesses;
import io.odradek.it.History;
import io.odradek.it.ProducerLoad;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader is cut off, and others lead in its place until they crash. It is all that is left then, has never heard of its
 * successors, and producers turn to it: what it knows of them is of the past.
 */
class DeposedLeaderIT {
    private static final String TOPIC = "deposed";
    private static final int PARTITIONS = 4;

    @TempDir
    Path home;

    @Test
    void producersWriteNothingTwiceThoughTheyAskALeaderOfThePast() throws Exception {
        var history = new History();
        try (var machines = Machines.of(home, 3)) {
            assumeTrue(machines.network().isPresent(), "there are no network namespaces here");
            var cluster = machines.cluster().with("KAFKA_MIN_INSYNC_REPLICAS", "2");
            cluster.start();
            createTopic(cluster);
            try (var load = new ProducerLoad(cluster.bootstrap(), TOPIC, PARTITIONS, history, 1, 4)) {
                load.start("none", "lz4");
                TimeUnit.SECONDS.sleep(3);
                outliveItsSuccessors(cluster, machines.network().get());
                TimeUnit.SECONDS.sleep(3);
                load.stop();
            }
            history.check(History.read(cluster.bootstrap(), TOPIC));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + home, e);
        }
    }

    private static void createTopic(ClusterProcesses cluster) throws Exception {
        try (var admin = cluster.admin()) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 3)))
                    .all()
                    .get(1, TimeUnit.MINUTES);
        }
    }

    private static void outliveItsSuccessors(ClusterProcesses cluster, Network network) throws Exception {
        var others = List.of(2, 3);
        var cut = new Cut(network, "1 is cut off", Cut.between(List.of(1), List.of(2, 3, Network.CLIENTS)), 1);
        var crash = new Kill(cluster, others, false);
        cut.strike();
        TimeUnit.SECONDS.sleep(7); // longer than it takes to be counted as gone, and for requests to it to time out
        crash.strike();
        cut.heal();
        TimeUnit.SECONDS.sleep(3); // for producers to find out that there is nobody else
        crash.heal();
        crash.recover();
    }
}
