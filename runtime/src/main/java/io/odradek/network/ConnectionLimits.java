package io.odradek.network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/** Counts a broker's connections and says whether one more may be. Thread safe. */
final class ConnectionLimits {
    /** What becomes of a new connection. */
    enum Admission {
        COUNTED,
        /** Its address has as many as it may. */
        ADDRESS_FULL,
        /** It has to wait until another one closes. */
        FULL
    }

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

    /** @param exempt from the broker's limit, not from its listener's own */
    synchronized Admission admit(ListenerConfig listener, boolean exempt, InetAddress address) {
        if (perListener.getOrDefault(listener.name(), 0) >= listener.maxConnections()
                || !exempt && connections >= maxConnections) {
            return Admission.FULL;
        }
        var ofAddress = perAddress.getOrDefault(address, 0);
        if (ofAddress >= maxOfAddress.getOrDefault(address, maxPerAddress)) {
            return Admission.ADDRESS_FULL;
        }
        perAddress.put(address, ofAddress + 1);
        perListener.merge(listener.name(), 1, Integer::sum);
        connections++;
        return Admission.COUNTED;
    }

    synchronized void closed(ListenerConfig listener, InetAddress address) {
        perAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        perListener.merge(listener.name(), -1, Integer::sum);
        connections--;
    }

    synchronized int connections() {
        return connections;
    }
}
