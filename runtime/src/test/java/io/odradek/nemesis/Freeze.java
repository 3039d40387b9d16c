package io.odradek.nemesis;

import io.odradek.it.ClusterProcesses;
import java.util.Set;

/** SIGSTOP and SIGCONT: a node is silent, but its connections stay open. */
record Freeze(ClusterProcesses cluster, int victim) implements Fault {
    @Override
    public void strike() throws Exception {
        cluster.node(victim).pause();
    }

    @Override
    public void heal() throws Exception {
        cluster.node(victim).resume();
    }

    @Override
    public Set<Integer> processes() {
        return Set.of(victim);
    }

    @Override
    public String toString() {
        return "SIGSTOP of " + victim;
    }
}
