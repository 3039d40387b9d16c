package io.odradek.nemesis;

import io.odradek.it.ClusterProcesses;
import java.nio.file.Path;
import java.util.Set;

/** No room is left on a disk of a node. Once there is room again the node is started anew, as operators must. */
record FullDisk(ClusterProcesses cluster, Disks disks, int victim, Path disk, long freeBytes, boolean gently)
        implements Fault {
    @Override
    public void strike() throws Exception {
        disks.fill(disk, freeBytes);
    }

    @Override
    public void heal() throws Exception {
        disks.free(disk);
        var node = cluster.node(victim);
        if (gently && node.isAlive()) {
            node.terminate();
        } else {
            node.kill();
        }
        node.launch();
    }

    @Override
    public void recover() throws Exception {
        cluster.node(victim).awaitServing();
    }

    @Override
    public Set<Integer> processes() {
        return Set.of(victim);
    }

    @Override
    public String toString() {
        return "the disk of " + victim + " for " + disk.getFileName() + " is full but for " + freeBytes + " bytes";
    }
}
