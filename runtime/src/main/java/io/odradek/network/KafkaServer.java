package io.odradek.network;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.odradek.api.ApiDispatcher;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.security.auth.SecurityProtocol;
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
    private final Map<String, Channel> serverChannels = new LinkedHashMap<>();
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final List<TlsCredentials> credentials = new ArrayList<>();
    private Optional<CertificateWatch> certificateWatch = Optional.empty();
    private volatile ServerContext context;

    private KafkaServer(NetworkConfig config, IdentityResolver identities, RequestMetrics metrics) {
        this.config = config;
        this.identities = identities;
        this.metrics = metrics;
        this.memory = new RequestMemory(config.queuedMaxRequestBytes());
        this.limits = new ConnectionLimits(config);
        this.rate = new ConnectionRate(config.maxConnectionCreationRate(), nanoClock);
        this.allocator = Buffers.allocator(config.networkThreads());
        this.loops = EventLoops.start(config.networkThreads());
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
            if (server.credentials.stream().anyMatch(TlsCredentials::hasFiles)) {
                server.certificateWatch =
                        Optional.of(new CertificateWatch(server.credentials, config.certificateCheckInterval()));
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
        server.serve(dispatcher);
        return server;
    }

    private void bind(ListenerConfig listener) throws IOException {
        var acceptor = new Acceptor(
                config,
                listener,
                limits,
                rate,
                metrics,
                mistakes,
                nanoClock,
                () -> acceptors.forEach(Acceptor::roomMade));
        var bootstrap = loops.bootstrap()
                .handler(acceptor)
                .childHandler(new ConnectionInitializer(() -> context, listener, credentialsOf(listener)))
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, config.listenBacklog())
                .option(ChannelOption.AUTO_READ, false)
                // One at a time, or a limit would be noticed too late.
                .option(ChannelOption.RCVBUF_ALLOCATOR, new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(1))
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
        config.socketSendBufferBytes().ifPresent(bytes -> bootstrap.childOption(ChannelOption.SO_SNDBUF, bytes));
        // On the listening socket, since the window's scale is agreed on before the connection is accepted.
        config.socketReceiveBufferBytes().ifPresent(bytes -> bootstrap.option(ChannelOption.SO_RCVBUF, bytes));

        var address = listener.host().filter(host -> !host.isEmpty()).isPresent()
                ? new InetSocketAddress(listener.host().get(), listener.port())
                : new InetSocketAddress(listener.port());
        if (address.isUnresolved()) {
            throw new IOException(
                    "listener " + listener.name() + ": host " + address.getHostString() + " is not known");
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("listener " + listener.name() + " cannot bind to " + address.getHostString() + ":"
                    + address.getPort() + ": " + bound.cause().getMessage());
        }
        serverChannels.put(listener.name(), bound.channel());
        acceptors.add(acceptor);
    }

    private Optional<TlsCredentials> credentialsOf(ListenerConfig listener) {
        if (listener.securityProtocol() == SecurityProtocol.PLAINTEXT) {
            return Optional.empty();
        }
        if (listener.securityProtocol() != SecurityProtocol.SSL) {
            throw new ConfigException("listener " + listener.name() + ": security protocol "
                    + listener.securityProtocol() + " is not supported; PLAINTEXT and SSL are");
        }
        var loaded = new TlsCredentials(listener);
        credentials.add(loaded);
        return Optional.of(loaded);
    }

    /** Starts accepting. Called once. */
    public void serve(ApiDispatcher dispatcher) {
        if (context != null) {
            throw new IllegalStateException("the server serves already");
        }
        context = new ServerContext(
                config,
                dispatcher,
                new RequestParser(dispatcher.served()),
                identities,
                metrics,
                memory,
                new StalledFrames(memory, loops.group().next(), config.stalledRequestTimeout()),
                mistakes,
                connections,
                nanoClock);
        acceptors.forEach(Acceptor::serve);
        ports().forEach((listener, port) -> LOG.infof("Listener %s serves on port %d", listener, port));
    }

    /** The bound port of each listener, by listener name. */
    public Map<String, Integer> ports() {
        var ports = new LinkedHashMap<String, Integer>();
        serverChannels.forEach(
                (listener, channel) -> ports.put(listener, ((InetSocketAddress) channel.localAddress()).getPort()));
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
        return allocator.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }

    /**
     * Stops accepting and reading, lets the requests in flight finish and be answered for at most {@code grace}, then
     * closes every connection. Returns when no thread of the server is left. Idempotent. Not to be called on an event
     * loop.
     */
    public void close(Duration grace) {
        var deadline = System.nanoTime() + grace.toNanos();
        serverChannels.values().forEach(channel -> channel.close().awaitUninterruptibly());
        var open = List.copyOf(connections);
        open.forEach(KafkaConnection::stop);
        for (var connection : open) {
            var left = Math.max(0, deadline - System.nanoTime());
            connection.channel().closeFuture().awaitUninterruptibly(left, TimeUnit.NANOSECONDS);
        }
        // Ending the loops closes what is still open.
        loops.group().shutdownGracefully(0, 1, TimeUnit.MINUTES);
        loops.group().terminationFuture().awaitUninterruptibly();
        certificateWatch.ifPresent(CertificateWatch::close);
    }

    /** {@link #close(Duration)} without waiting for requests in flight. */
    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
