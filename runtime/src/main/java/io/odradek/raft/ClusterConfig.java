package io.odradek.raft;

import io.odradek.config.Listener.HostPort;
import java.util.Map;
import java.util.Objects;

/**
 * What a node needs to know of a cluster of several.
 *
 * @param voters {@code controller.quorum.voters}: the nodes that vote when the cluster is formed, by id. Later the log says
 *     who votes; the addresses are still where others are looked for
 * @param listen where this node listens for the others: an empty host for every address of this machine, port 0 for any free
 *     one (a voter's must be the one under which the others know it)
 * @param discovery further ways to find nodes
 */
public record ClusterConfig(
        Map<Integer, HostPort> voters,
        HostPort listen,
        NodeDiscovery discovery,
        TransportSecurity security,
        FailureDetection failureDetection) {
    public ClusterConfig {
        voters = Map.copyOf(voters);
        Objects.requireNonNull(listen, "listen");
        Objects.requireNonNull(discovery, "discovery");
        Objects.requireNonNull(security, "security");
        Objects.requireNonNull(failureDetection, "failureDetection");
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("no voters");
        }
    }
}
