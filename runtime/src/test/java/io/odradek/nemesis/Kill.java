package io.odradek.nemesis;

import io.odradek.it.ClusterProcesses;
import java.util.Collection;

/**
 * Nodes die, all at once, and are started again.
 *
 * @param gently with SIGTERM, one after the other, instead of {@code kill -9}
 */
record Kill(ClusterProcesses cluster, Collection<Integer> victims, boolean gently) implements Fault {
    @Override
    public void strike() throws Exception {
        for (int id : victims) {
            if (gently) {
                cluster.node(id).terminate();
            } else {
                cluster.node(id).kill();
            }
        }
    }

    @Override
    public void heal() throws Exception {
        for (int id : victims) {
            cluster.node(id).launch();
        }
    }

    @Override
    public void recover() throws Exception {
        for (int id : victims) {
            cluster.node(id).awaitServing();
        }
    }

    @Override
    public Collection<Integer> processes() {
        return victims;
    }

    @Override
    public String toString() {
        return (gently ? "SIGTERM of " : "kill -9 of ") + victims;
    }
}
