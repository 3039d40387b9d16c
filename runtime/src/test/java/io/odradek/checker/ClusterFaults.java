package io.odradek.checker;

import io.odradek.it.ClusterProcesses;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.internals.Topic;

/** Something else happens each time to the nodes of a cluster, one of them or all but one. */
final class ClusterFaults implements Workload.Broker {
    /** Longer than it takes to find a silent node out. */
    private static final int SILENCE_MS = 4_000;

    private enum Fault {
        KILL_ANY,
        KILL_CONTROLLER,
        KILL_COORDINATOR,
        KILL_ALL_BUT_ONE,
        TERMINATE,
        PAUSE
    }

    private final ClusterProcesses cluster;
    private final Random random;
    /** Down at the moment. */
    private final Set<Integer> down = new TreeSet<>();

    private final List<String> struck = new ArrayList<>();

    ClusterFaults(ClusterProcesses cluster, long seed) {
        this.cluster = cluster;
        this.random = new Random(seed);
    }

    @Override
    public String bootstrap() {
        return cluster.bootstrap();
    }

    @Override
    public short replicationFactor() {
        return 3;
    }

    @Override
    public void kill() throws Exception {
        var fault = Fault.values()[random.nextInt(Fault.values().length)];
        int victim =
                switch (fault) {
                    case KILL_CONTROLLER -> cluster.controller();
                    case KILL_COORDINATOR ->
                        cluster.leader(
                                random.nextBoolean()
                                        ? Topic.TRANSACTION_STATE_TOPIC_NAME
                                        : Topic.GROUP_METADATA_TOPIC_NAME,
                                random.nextInt(3));
                    default -> any();
                };
        victim = victim < 0 ? any() : victim;
        struck.add(fault + " " + victim);
        switch (fault) {
            case PAUSE -> {
                var node = cluster.node(victim);
                node.pause();
                try {
                    TimeUnit.MILLISECONDS.sleep(SILENCE_MS);
                } finally {
                    node.resume();
                }
            }
            case TERMINATE -> {
                down.add(victim);
                cluster.node(victim).terminate();
            }
            case KILL_ALL_BUT_ONE -> {
                for (int id : cluster.ids()) {
                    if (id != victim) {
                        down.add(id);
                        cluster.node(id).kill();
                    }
                }
            }
            default -> {
                down.add(victim);
                cluster.node(victim).kill();
            }
        }
    }

    private int any() {
        return List.copyOf(cluster.ids()).get(random.nextInt(cluster.ids().size()));
    }

    @Override
    public void start() throws Exception {
        for (int id : down) {
            cluster.node(id).launch();
        }
        for (int id : down) {
            cluster.node(id).awaitServing();
        }
        down.clear();
    }

    /** What has happened so far. */
    @Override
    public String toString() {
        return String.join(", ", struck);
    }
}
