package io.odradek.raft;

import io.odradek.config.Listener.HostPort;
import java.nio.file.Path;

/** How a node finds the others, beside the addresses of the voters that it is configured with. */
public sealed interface NodeDiscovery {
    /** By the configured voters alone. */
    record Voters() implements NodeDiscovery {}

    /**
     * By all addresses that a name has, asked for anew each time: a headless service of Kubernetes.
     *
     * @param name with the port at which the nodes behind it listen
     */
    record Dns(HostPort name) implements NodeDiscovery {}

    /**
     * By a directory that all nodes share, in which each leaves its address.
     *
     * @param directory created when absent
     */
    record SharedDirectory(Path directory) implements NodeDiscovery {}
}
