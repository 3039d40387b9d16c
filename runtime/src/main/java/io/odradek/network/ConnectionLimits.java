package io.odradek.network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/** Counts a broker's connections and says whether one more may be. Thread safe. */
final class ConnectionLimits {
    private final int maxConnections;
    private final int maxPerAddress;
    private final Map<InetAddress, Integer> maxOfAddress = new HashMap<>();
    private final Map<InetAddress, Integer> perAddress = new HashMap<>();
    private final Map<String, Integer> perListener = new HashMap<>();
    private int connections;

    /** @throws ConfigException a host of {@code max.connections.per.ip.overrides} is unknown */
    ConnectionLimits(NetworkConfig config) {
        this.maxConnections = config.maxConnections();
        this.maxPerAddress = config.maxConnectionsPerIp();
        config.maxConnectionsPerIpOverrides().forEach((host, limit) -> {
            try {
                maxOfAddress.put(InetAddress.getByName(host), limit);
            } catch (UnknownHostException e) {
                throw new ConfigException("max.connections.per.ip.overrides: host " + host + " is not known");
            }
        });
    }

    /** Counts a connection, unless its address has as many as it may. */
    synchronized boolean tryOpen(String listener, InetAddress address) {
        var ofAddress = perAddress.getOrDefault(address, 0);
        if (ofAddress >= maxOfAddress.getOrDefault(address, maxPerAddress)) {
            return false;
        }
        perAddress.put(address, ofAddress + 1);
        perListener.merge(listener, 1, Integer::sum);
        connections++;
        return true;
    }

    synchronized void closed(String listener, InetAddress address) {
        perAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        perListener.merge(listener, -1, Integer::sum);
        connections--;
    }

    /** Whether the listener has to wait until a connection closes. */
    synchronized boolean isFull(ListenerConfig listener, boolean exemptFromBrokerLimit) {
        return perListener.getOrDefault(listener.name(), 0) >= listener.maxConnections()
                || !exemptFromBrokerLimit && connections >= maxConnections;
    }

    synchronized int connections() {
        return connections;
    }
}
