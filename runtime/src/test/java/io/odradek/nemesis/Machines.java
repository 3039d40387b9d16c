package io.odradek.nemesis;

import io.odradek.it.ClusterProcesses;
import io.odradek.it.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A cluster and what of its surroundings can be hurt. What this machine does not allow is left out and printed: without
 * namespaces nodes share this machine's loopback device, without mounts its disk, without libfaketime its clock.
 */
final class Machines implements AutoCloseable {
    /** Directories of a node, each on a disk of its own. */
    static final String LOGS = "data";

    static final String METADATA = "metadata";

    private final Path home;
    private final String prefix = Leftovers.prefix();
    private final Thread cleaner = new Thread(this::clean, "nemesis cleans up");
    private final List<String> missing = new ArrayList<>();
    private Optional<Network> network = Optional.empty();
    private Optional<LongWay> longWay = Optional.empty();
    private Optional<Disks> disks = Optional.empty();
    private Optional<Clocks> clocks = Optional.empty();
    private ClusterProcesses cluster;

    private Machines(Path home) {
        this.home = home;
    }

    /** Nodes 1 to n, not started yet. */
    static Machines of(Path home, int nodes) throws IOException {
        var machines = new Machines(home.toAbsolutePath());
        Runtime.getRuntime().addShutdownHook(machines.cleaner);
        try {
            machines.build(nodes);
        } catch (IOException | RuntimeException e) {
            machines.close();
            throw e;
        }
        return machines;
    }

    private void build(int nodes) throws IOException {
        try {
            Leftovers.sweep();
            network = Optional.of(Network.of(prefix, nodes));
            longWay = Optional.of(LongWay.in(network.get()));
        } catch (IOException e) {
            missing.add((network.isEmpty() ? "cuts, loss and delay: " : "delay: ") + e.getMessage());
        }
        cluster = ClusterProcesses.in(
                home, network.map(Network::hosts).orElse(Collections.nCopies(nodes, Host.LOOPBACK)));
        clocks = Clocks.find();
        if (clocks.isEmpty()) {
            missing.add("clocks: there is no libfaketime");
        }
        for (int id : cluster.ids()) {
            Files.createDirectories(disk(id, LOGS));
            Files.createDirectories(disk(id, METADATA));
            var node = cluster.node(id)
                    .with("KAFKA_METADATA_LOG_DIR", disk(id, METADATA).toString());
            if (clocks.isPresent()) {
                clocks.get().environment(clock(id)).forEach(node::with);
            }
        }
        try {
            var mounted = new Disks(prefix);
            for (int id : cluster.ids()) {
                mounted.mount(disk(id, LOGS));
                mounted.mount(disk(id, METADATA));
            }
            disks = Optional.of(mounted);
        } catch (IOException e) {
            missing.add("full disks: " + e.getMessage());
        }
    }

    ClusterProcesses cluster() {
        return cluster;
    }

    Optional<Network> network() {
        return network;
    }

    Optional<LongWay> longWay() {
        return longWay;
    }

    Optional<Disks> disks() {
        return disks;
    }

    Optional<Clocks> clocks() {
        return clocks;
    }

    /** What cannot be hurt here, and why. */
    List<String> missing() {
        return missing;
    }

    Path disk(int node, String which) {
        return ClusterProcesses.home(home, node).resolve(which);
    }

    Path clock(int node) {
        return ClusterProcesses.home(home, node).resolve("clock");
    }

    @Override
    public void close() {
        clean();
        Runtime.getRuntime().removeShutdownHook(cleaner);
    }

    private synchronized void clean() {
        try {
            if (cluster != null) {
                cluster.close();
            }
            if (longWay.isPresent()) {
                longWay.get().close();
            }
            Leftovers.remove(prefix);
        } catch (IOException e) {
            System.err.println("nemesis leaves something of " + prefix + " behind: " + e);
        }
    }
}
