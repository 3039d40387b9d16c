package io.odradek.raft;

import io.odradek.config.Listener.HostPort;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jgroups.PhysicalAddress;
import org.jgroups.stack.IpAddress;

/** Where nodes are to be looked for ({@link NodeDiscovery}), and where this one is to be found. Blocks on names and files. */
final class NodeAddresses {
    private static final Logger LOG = Logger.getLogger(NodeAddresses.class);
    private static final String SUFFIX = ".node";
    /** Of files in a shared directory that are looked at. */
    private static final int MAX_FILES = 10_000;

    private final int nodeId;
    private final ClusterConfig config;

    NodeAddresses(int nodeId, ClusterConfig config) {
        this.nodeId = nodeId;
        this.config = config;
    }

    /** Names that have no address now are left out. */
    Set<PhysicalAddress> all() {
        var found = new HashSet<PhysicalAddress>();
        config.voters().values().forEach(voter -> resolve(voter, found));
        if (config.discovery() instanceof NodeDiscovery.Dns dns) {
            resolve(dns.name(), found);
        } else if (config.discovery() instanceof NodeDiscovery.SharedDirectory shared) {
            read(shared.directory(), found);
        }
        return found;
    }

    private static void resolve(HostPort name, Set<PhysicalAddress> found) {
        try {
            for (var address : InetAddress.getAllByName(name.host())) {
                found.add(new IpAddress(address, name.port()));
            }
        } catch (UnknownHostException e) {
            LOG.debugf("No address for %s", name.host());
        }
    }

    private static void read(Path directory, Set<PhysicalAddress> found) {
        try (var files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            int number = 0;
            for (var file : files) {
                if (number++ == MAX_FILES) {
                    return;
                }
                var lines = Files.readString(file).lines().toList();
                if (lines.size() == 2) {
                    resolve(new HostPort(lines.get(0), Integer.parseInt(lines.get(1))), found);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warnf("Looking for nodes in %s failed: %s", directory, e);
        }
    }

    /** Leaves this node's address where others look for it. */
    void announce(IpAddress address) {
        if (config.discovery() instanceof NodeDiscovery.SharedDirectory shared) {
            var temporary = shared.directory().resolve(nodeId + ".tmp");
            try {
                Files.createDirectories(shared.directory());
                Files.writeString(temporary, address.getIpAddress().getHostAddress() + "\n" + address.getPort() + "\n");
                Files.move(
                        temporary,
                        shared.directory().resolve(nodeId + SUFFIX),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                LOG.warnf("Nodes that look in %s will not find this one: %s", shared.directory(), e);
            }
        }
    }

    /** To bind to. */
    InetAddress listen() {
        var host = config.listen().host();
        try {
            return host.isEmpty() ? InetAddress.getByName("0.0.0.0") : InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new RaftException("No address for " + host + ", where this node is to listen for the others", e);
        }
    }

    /** Under which the others reach this node, where it listens at every address. */
    InetAddress reachable() {
        var known = config.voters().get(nodeId);
        if (known != null) {
            try {
                return InetAddress.getByName(known.host());
            } catch (UnknownHostException e) {
                LOG.warnf("No address for %s, under which controller.quorum.voters has this node", known.host());
            }
        }
        for (var other : config.voters().values()) {
            // Connecting a datagram socket sends nothing: it asks which way a packet would take.
            try (var socket = new DatagramSocket()) {
                socket.connect(new InetSocketAddress(InetAddress.getByName(other.host()), other.port()));
                if (!socket.getLocalAddress().isAnyLocalAddress()) {
                    return socket.getLocalAddress();
                }
            } catch (SocketException | UnknownHostException | RuntimeException e) {
                LOG.debugf("No way to %s: %s", other, e);
            }
        }
        try {
            return InetAddress.getLocalHost();
        } catch (UnknownHostException e) {
            throw new RaftException("This machine has no address under which others reach it", e);
        }
    }
}
