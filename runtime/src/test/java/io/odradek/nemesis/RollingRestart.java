package io.odradek.nemesis;

import static org.awaitility.Awaitility.await;

import io.odradek.it.ClusterProcesses;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** One node after the other is stopped and started, each once all replicas are in sync again. */
record RollingRestart(ClusterProcesses cluster, List<String> topics) implements Fault {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Override
    public void strike() throws Exception {
        for (int id : cluster.ids()) {
            cluster.node(id).terminate();
            cluster.node(id).start();
            await("all replicas are in sync after the restart of " + id)
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> cluster.isInSync(topics.toArray(String[]::new)));
        }
    }

    @Override
    public void heal() {
        // As it went along.
    }

    @Override
    public Collection<Integer> processes() {
        return cluster.ids();
    }

    @Override
    public boolean asksForMildness() {
        return true;
    }

    @Override
    public String toString() {
        return "rolling restart";
    }
}
