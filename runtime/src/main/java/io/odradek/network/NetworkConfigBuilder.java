package io.odradek.network;

import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects a {@link NetworkConfig}; what is not set keeps its default. Not thread safe. */
public final class NetworkConfigBuilder {
    private final List<ListenerConfig> listeners = new ArrayList<>();
    private int networkThreads = Runtime.getRuntime().availableProcessors();
    private int requestMaxBytes = 100 * 1024 * 1024;
    private long queuedMaxRequestBytes = PlatformDependent.maxDirectMemory() / 4;
    private int maxInFlightRequests = 64;
    private int responseBufferBytes = 512 * 1024;
    private Optional<Integer> socketSendBufferBytes = Optional.of(102400);
    private Optional<Integer> socketReceiveBufferBytes = Optional.of(102400);
    private int listenBacklog = 50;
    private Duration connectionsMaxIdle = Duration.ofMinutes(10);
    private int maxConnections = Integer.MAX_VALUE;
    private int maxConnectionsPerIp = Integer.MAX_VALUE;
    private Map<String, Integer> maxConnectionsPerIpOverrides = Map.of();
    private int maxConnectionCreationRate = Integer.MAX_VALUE;
    private Optional<String> interBrokerListener = Optional.empty();
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private Duration certificateCheckInterval = Duration.ofSeconds(10);
    private Duration stalledRequestTimeout = Duration.ofSeconds(5);

    NetworkConfigBuilder() {}

    public NetworkConfigBuilder listener(ListenerConfig listener) {
        listeners.add(listener);
        return this;
    }

    public NetworkConfigBuilder networkThreads(int threads) {
        networkThreads = atLeast("num.network.threads", 1, threads);
        return this;
    }

    public NetworkConfigBuilder requestMaxBytes(int bytes) {
        requestMaxBytes = atLeast("socket.request.max.bytes", 1, bytes);
        return this;
    }

    /** Kafka's -1, "no bound", keeps our default: this memory is always bounded. */
    public NetworkConfigBuilder queuedMaxRequestBytes(long bytes) {
        if (bytes > 0) {
            queuedMaxRequestBytes = bytes;
        }
        return this;
    }

    public NetworkConfigBuilder maxInFlightRequests(int requests) {
        maxInFlightRequests = atLeast("maxInFlightRequests", 1, requests);
        return this;
    }

    public NetworkConfigBuilder responseBufferBytes(int bytes) {
        responseBufferBytes = atLeast("responseBufferBytes", 1, bytes);
        return this;
    }

    /** -1 is the system's default, as in Kafka. */
    public NetworkConfigBuilder socketSendBufferBytes(int bytes) {
        socketSendBufferBytes = bytes == -1 ? Optional.empty() : Optional.of(bytes);
        return this;
    }

    /** -1 is the system's default, as in Kafka. */
    public NetworkConfigBuilder socketReceiveBufferBytes(int bytes) {
        socketReceiveBufferBytes = bytes == -1 ? Optional.empty() : Optional.of(bytes);
        return this;
    }

    public NetworkConfigBuilder listenBacklog(int connections) {
        listenBacklog = atLeast("socket.listen.backlog.size", 1, connections);
        return this;
    }

    public NetworkConfigBuilder connectionsMaxIdle(Duration idle) {
        connectionsMaxIdle = idle;
        return this;
    }

    public NetworkConfigBuilder maxConnections(int connections) {
        maxConnections = connections;
        return this;
    }

    public NetworkConfigBuilder maxConnectionsPerIp(int connections) {
        maxConnectionsPerIp = connections;
        return this;
    }

    public NetworkConfigBuilder maxConnectionsPerIpOverrides(Map<String, Integer> overrides) {
        maxConnectionsPerIpOverrides = overrides;
        return this;
    }

    public NetworkConfigBuilder maxConnectionCreationRate(int perSecond) {
        maxConnectionCreationRate = perSecond;
        return this;
    }

    public NetworkConfigBuilder interBrokerListener(String name) {
        interBrokerListener = Optional.of(name);
        return this;
    }

    public NetworkConfigBuilder handshakeTimeout(Duration timeout) {
        handshakeTimeout = timeout;
        return this;
    }

    public NetworkConfigBuilder certificateCheckInterval(Duration interval) {
        certificateCheckInterval = interval;
        return this;
    }

    public NetworkConfigBuilder stalledRequestTimeout(Duration timeout) {
        stalledRequestTimeout = timeout;
        return this;
    }

    public NetworkConfig build() {
        return new NetworkConfig(
                listeners,
                networkThreads,
                requestMaxBytes,
                queuedMaxRequestBytes,
                maxInFlightRequests,
                responseBufferBytes,
                socketSendBufferBytes,
                socketReceiveBufferBytes,
                listenBacklog,
                connectionsMaxIdle,
                maxConnections,
                maxConnectionsPerIp,
                maxConnectionsPerIpOverrides,
                maxConnectionCreationRate,
                interBrokerListener,
                handshakeTimeout,
                certificateCheckInterval,
                stalledRequestTimeout);
    }

    private static int atLeast(String name, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + " but is " + value);
        }
        return value;
    }
}
