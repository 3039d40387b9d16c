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

    private final Map<InetAddress, Integer> perAddress = new HashMap<>();
    private final Map<String, Integer> perListener = new HashMap<>();
    private Limits limits;
    private int connections;

    private record Limits(
            int connections, int perAddress, Map<InetAddress, Integer> ofAddress, Map<String, Integer> ofListener) {
        static Limits of(NetworkConfig config) {
            var ofAddress = new HashMap<InetAddress, Integer>();
            config.maxConnectionsPerIpOverrides().forEach((host, limit) -> {
                try {
                    ofAddress.put(InetAddress.getByName(host), limit);
                } catch (UnknownHostException e) {
                    throw new ConfigException("max.connections.per.ip.overrides: host " + host + " is not known");
                }
            });
            var ofListener = new HashMap<String, Integer>();
            config.listeners().forEach(listener -> ofListener.put(listener.name(), listener.maxConnections()));
            return new Limits(config.maxConnections(), config.maxConnectionsPerIp(), ofAddress, ofListener);
        }
    }

    /** @throws ConfigException a host of {@code max.connections.per.ip.overrides} is unknown */
    ConnectionLimits(NetworkConfig config) {
        limits = Limits.of(config);
    }

    /** @throws ConfigException a host of {@code max.connections.per.ip.overrides} is unknown */
    static void check(NetworkConfig config) {
        Limits.of(config);
    }

    /**
     * From now on; who is in stays, as in Kafka.
     *
     * @throws ConfigException a host of {@code max.connections.per.ip.overrides} is unknown; nothing has changed
     */
    void reconfigure(NetworkConfig config) {
        var wanted = Limits.of(config);
        synchronized (this) {
            limits = wanted;
        }
    }

    /** @param exempt from the broker's limit, not from its listener's own */
    synchronized Admission admit(String listener, boolean exempt, InetAddress address) {
        if (perListener.getOrDefault(listener, 0) >= limits.ofListener.getOrDefault(listener, 0)
                || !exempt && connections >= limits.connections) {
            return Admission.FULL;
        }
        var ofAddress = perAddress.getOrDefault(address, 0);
        if (ofAddress >= limits.ofAddress.getOrDefault(address, limits.perAddress)) {
            return Admission.ADDRESS_FULL;
        }
        perAddress.put(address, ofAddress + 1);
        perListener.merge(listener, 1, Integer::sum);
        connections++;
        return Admission.COUNTED;
    }

    synchronized void closed(String listener, InetAddress address) {
        perAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        perListener.merge(listener, -1, Integer::sum);
        connections--;
    }

    synchronized int connections() {
        return connections;
    }
}
