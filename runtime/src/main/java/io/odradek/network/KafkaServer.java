package io.odradek.network;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.odradek.api.ApiDispatcher;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.config.ConfigException;
import org.jboss.logging.Logger;

/**
 * The Kafka protocol's server: listeners, connections, and the way of a request from a socket to its handler and back.
 *
 * <p>{@link #bind} takes the ports, so that they can be registered and advertised; {@link #serve} lets clients in.
 * Handlers are called on event loops and must not block, see {@link io.odradek.api.ApiHandler}. Record buffers of a
 * request are views of the network's memory: they are valid until the handler's stage completes and not a moment
 * longer.
 *
 * <p>Thread safe.
 */
public final class KafkaServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KafkaServer.class);

    private static final String THREAD_NAME = "odradek-network";

    /** How long requests in flight may take to finish on an event loop that is no more wanted. */
    private static final Duration RETIREMENT = Duration.ofSeconds(10);

    private final NetworkConfig config;
    private final IdentityResolver identities;
    private final RequestMetrics metrics;
    private final LongSupplier nanoClock = System::nanoTime;
    private final RequestMemory memory;
    private final ConnectionLimits limits;
    private final ConnectionRate rate;
    private final ClientMistakes mistakes = new ClientMistakes(nanoClock);
    private final Set<KafkaConnection> connections = ConcurrentHashMap.newKeySet();
    private final PooledByteBufAllocator allocator;
    private final EventLoops loops;
    /** By name, in the order in which they were bound; changed under the server's monitor. */
    private volatile Map<String, BoundListener> listeners = Map.of();

    private Optional<CertificateWatch> certificateWatch = Optional.empty();
    private boolean closed;
    private volatile ServerContext context;

    private KafkaServer(NetworkConfig config, IdentityResolver identities, RequestMetrics metrics) {
        this.config = config;
        this.identities = identities;
        this.metrics = metrics;
        this.memory = new RequestMemory(config.queuedMaxRequestBytes());
        this.limits = new ConnectionLimits(config);
        this.rate = new ConnectionRate(config.maxConnectionCreationRate(), nanoClock);
        this.allocator = Buffers.allocator(config.networkThreads());
        this.loops = new EventLoops(THREAD_NAME, config.networkThreads());
    }

    /**
     * Binds every listener. Clients that connect wait until {@link #serve}.
     *
     * @throws IOException a listener cannot be bound; the message is one line that names it
     * @throws ConfigException a listener's security settings cannot be used
     */
    public static KafkaServer bind(NetworkConfig config, IdentityResolver identities, RequestMetrics metrics)
            throws IOException {
        var server = new KafkaServer(config, identities, metrics);
        try {
            for (var listener : config.listeners()) {
                server.bind(listener);
            }
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** {@link #bind} and {@link #serve} at once. */
    public static KafkaServer start(
            NetworkConfig config, ApiDispatcher dispatcher, IdentityResolver identities, RequestMetrics metrics)
            throws IOException {
        var server = bind(config, identities, metrics);
        try {
            server.serve(dispatcher);
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private BoundListener bind(ListenerConfig wanted) throws IOException {
        var listener = new BoundListener(
                wanted,
                loops,
                channelOptions(),
                new ConnectionRate(wanted.maxConnectionCreationRate(), nanoClock),
                this::acceptor,
                () -> context);
        listener.bind(config);
        var all = new LinkedHashMap<>(listeners);
        all.put(wanted.name(), listener);
        listeners = Collections.unmodifiableMap(all);
        if (listener.credentials().isPresent() && certificateWatch.isEmpty()) {
            certificateWatch = Optional.of(new CertificateWatch(this::credentials, config.certificateCheckInterval()));
        }
        return listener;
    }

    private Acceptor acceptor(ListenerConfig wanted, ConnectionRate ofListener, BoundListener listener) {
        return new Acceptor(
                wanted.name(),
                // As in Kafka: where there is no other listener, clients come in here too.
                () -> listeners.size() > 1
                        && config.interBrokerListener()
                                .filter(wanted.name()::equals)
                                .isPresent(),
                limits,
                ofListener,
                rate,
                metrics,
                mistakes,
                listener::begin,
                () -> listeners.values().forEach(l -> l.acceptor().roomMade()));
    }

    /** Of a connection. */
    private Map<ChannelOption<?>, Object> channelOptions() {
        var options = new HashMap<>(loops.channelOptions());
        options.put(ChannelOption.ALLOCATOR, allocator);
        options.put(ChannelOption.TCP_NODELAY, true);
        options.put(ChannelOption.SO_KEEPALIVE, true);
        config.socketSendBufferBytes().ifPresent(bytes -> options.put(ChannelOption.SO_SNDBUF, bytes));
        return options;
    }

    private List<TlsCredentials> credentials() {
        return listeners.values().stream()
                .map(BoundListener::credentials)
                .flatMap(Optional::stream)
                .toList();
    }

    /**
     * For a start with no settings to come: says now what {@link #serve} would.
     *
     * @throws ConfigException a listener's certificates cannot be used
     */
    public void requireUsable() {
        credentials().forEach(TlsCredentials::requireUsable);
    }

    /**
     * Whether {@link #reconfigure} could heed these settings. Reads files and may ask for addresses of hosts.
     *
     * @throws ConfigException in one line, if not
     */
    public void check(NetworkConfig wanted) {
        ConnectionLimits.check(wanted);
        wanted.listeners()
                .forEach(
                        listener -> BoundListener.check(Optional.ofNullable(listeners.get(listener.name())), listener));
    }

    /**
     * Heeds what may change while the server runs: limits and rates of connections, the number of event loops,
     * certificates, and which listeners there are. Connections that are open stay, but for those of a listener or an event
     * loop that is no more: they end when their requests in flight are answered. Reads files; not to be called on an event
     * loop.
     */
    public synchronized void reconfigure(NetworkConfig wanted) {
        if (closed) {
            return;
        }
        resize(wanted.networkThreads());
        rate.perSecond(wanted.maxConnectionCreationRate());
        var names = wanted.listeners().stream().map(ListenerConfig::name).toList();
        listeners.keySet().stream().filter(name -> !names.contains(name)).forEach(this::remove);
        for (var listener : wanted.listeners()) {
            var bound = listeners.get(listener.name());
            if (bound != null) {
                bound.reconfigure(listener);
            } else {
                add(listener);
            }
        }
        try {
            limits.reconfigure(wanted);
        } finally {
            listeners.values().forEach(listener -> listener.acceptor().reconsider());
        }
    }

    private void resize(int threads) {
        var before = loops.size();
        var retired = loops.resize(threads);
        for (var loop : retired) {
            var left = new ArrayList<CompletableFuture<?>>();
            for (var connection : connections) {
                if (connection.channel().eventLoop() == loop) {
                    left.add(connection.stop());
                }
            }
            CompletableFuture.allOf(left.toArray(CompletableFuture[]::new))
                    .completeOnTimeout(null, RETIREMENT.toMillis(), TimeUnit.MILLISECONDS)
                    .thenRun(() -> loops.end(loop));
        }
        if (threads != before) {
            LOG.infof("The network has %d event loops now, it had %d", threads, before);
        }
    }

    private void add(ListenerConfig wanted) {
        try {
            var added = bind(wanted);
            if (context != null) {
                added.serve();
            }
        } catch (IOException | RuntimeException e) {
            LOG.errorf("A listener cannot be added: %s", e.getMessage());
        }
    }

    private void remove(String name) {
        var all = new LinkedHashMap<>(listeners);
        all.remove(name).close();
        listeners = Collections.unmodifiableMap(all);
        connections.stream().filter(c -> c.listener().equals(name)).forEach(KafkaConnection::stop);
        LOG.infof("Listener %s is closed", name);
    }

    /**
     * Starts accepting. Called once.
     *
     * @throws ConfigException a listener's certificates cannot be used
     */
    public synchronized void serve(ApiDispatcher dispatcher) {
        if (context != null) {
            throw new IllegalStateException("the server serves already");
        }
        requireUsable();
        context = new ServerContext(
                config,
                dispatcher,
                new RequestParser(dispatcher.served()),
                identities,
                metrics,
                memory,
                new StalledFrames(memory, loops.first(), config.stalledRequestTimeout()),
                mistakes,
                connections,
                nanoClock);
        listeners.values().forEach(BoundListener::serve);
    }

    /** The bound port of each listener, by listener name. */
    public Map<String, Integer> ports() {
        var ports = new LinkedHashMap<String, Integer>();
        listeners.forEach((name, listener) -> ports.put(name, listener.port()));
        return ports;
    }

    public int port(String listener) {
        return ports().get(listener);
    }

    /** Connections that are open now. */
    public int connections() {
        return limits.connections();
    }

    /** Bytes of requests that are incomplete or not decided yet. */
    public long requestMemoryBytes() {
        return memory.usedBytes();
    }

    /** Buffers that are in use, or freed and kept by a thread for its next: none once the server is closed. */
    long buffersInUse() {
        return Buffers.inUse(allocator);
    }

    /**
     * Stops accepting and reading, lets the requests in flight finish and be answered for at most {@code grace}, then
     * closes every connection. Returns when no thread of the server is left. Idempotent. Not to be called on an event
     * loop.
     */
    public void close(Duration grace) {
        var deadline = System.nanoTime() + grace.toNanos();
        synchronized (this) {
            closed = true;
            listeners.values().forEach(BoundListener::close);
        }
        var open = List.copyOf(connections);
        open.forEach(KafkaConnection::stop);
        for (var connection : open) {
            var left = Math.max(0, deadline - System.nanoTime());
            connection.channel().closeFuture().awaitUninterruptibly(left, TimeUnit.NANOSECONDS);
        }
        // Ending the loops closes what is still open.
        loops.close();
        certificateWatch.ifPresent(CertificateWatch::close);
    }

    /** {@link #close(Duration)} without waiting for requests in flight. */
    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
