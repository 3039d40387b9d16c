package io.odradek.network;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jboss.logging.Logger;

/** One listener from bind to close: its port, its credentials, and what becomes of those who connect. Thread safe. */
final class BoundListener {
    private static final Logger LOG = Logger.getLogger(BoundListener.class);

    private final EventLoops loops;
    private final Map<ChannelOption<?>, Object> channelOptions;
    private final ConnectionRate rate;
    private final Optional<TlsCredentials> credentials;
    private final ConnectionInitializer initializer;
    private final Acceptor acceptor;
    private final ServerChannel channel;
    private volatile ListenerConfig config;

    /** Makes the acceptor, which is the server's matter but for what it is given here. */
    interface AcceptorFactory {
        Acceptor make(ListenerConfig config, ConnectionRate rate, BoundListener listener);
    }

    /**
     * @param channelOptions of its connections
     * @param context asked for each connection, so when the server serves
     * @throws ConfigException the security settings are malformed
     */
    BoundListener(
            ListenerConfig config,
            EventLoops loops,
            Map<ChannelOption<?>, Object> channelOptions,
            ConnectionRate rate,
            AcceptorFactory acceptors,
            Supplier<ServerContext> context) {
        this.config = config;
        this.loops = loops;
        this.channelOptions = channelOptions;
        this.rate = rate;
        credentials = credentials(config);
        initializer = new ConnectionInitializer(context, config, credentials);
        acceptor = acceptors.make(config, rate, this);
        channel = loops.serverChannel();
    }

    private static Optional<TlsCredentials> credentials(ListenerConfig config) {
        return switch (config.securityProtocol()) {
            case PLAINTEXT -> Optional.empty();
            case SSL -> Optional.of(new TlsCredentials(config));
            default ->
                throw new ConfigException("listener " + config.name() + ": security protocol "
                        + config.securityProtocol() + " is not supported; PLAINTEXT and SSL are");
        };
    }

    /** Whether a listener of that name could be made of these settings, in place of {@code bound} if there is one. */
    static void check(Optional<BoundListener> bound, ListenerConfig wanted) {
        if (wanted.securityProtocol() == SecurityProtocol.SSL && bound.isPresent()) {
            bound.get().credentials.orElseThrow().check(wanted.ssl());
        } else {
            credentials(wanted).ifPresent(TlsCredentials::requireUsable);
        }
    }

    /**
     * Takes the port. Who connects waits until {@link #serve}.
     *
     * @throws IOException in one line that names the listener
     */
    void bind(NetworkConfig server) throws IOException {
        var address = config.host().filter(host -> !host.isEmpty()).isPresent()
                ? new InetSocketAddress(config.host().get(), config.port())
                : new InetSocketAddress(config.port());
        if (address.isUnresolved()) {
            channel.unsafe().closeForcibly();
            throw new IOException("listener " + config.name() + ": host " + address.getHostString() + " is not known");
        }
        var options = channel.config();
        options.setOption(ChannelOption.SO_REUSEADDR, true);
        options.setOption(ChannelOption.SO_BACKLOG, server.listenBacklog());
        options.setAutoRead(false);
        // One at a time, or a limit would be noticed too late.
        options.setRecvByteBufAllocator(new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(1));
        // On the listening socket, since the window's scale is agreed on before the connection is accepted.
        server.socketReceiveBufferBytes().ifPresent(bytes -> options.setOption(ChannelOption.SO_RCVBUF, bytes));
        channel.pipeline().addLast(acceptor);
        loops.first().register(channel).awaitUninterruptibly();
        var bound = channel.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new IOException("listener " + config.name() + " cannot bind to " + address.getHostString() + ":"
                    + address.getPort() + ": " + bound.cause().getMessage());
        }
    }

    ListenerConfig config() {
        return config;
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    Optional<TlsCredentials> credentials() {
        return credentials;
    }

    Acceptor acceptor() {
        return acceptor;
    }

    /** @throws ConfigException its certificates cannot be used */
    void serve() {
        credentials.ifPresent(TlsCredentials::requireUsable);
        acceptor.serve();
        LOG.infof("Listener %s serves on port %d", config.name(), port());
    }

    /** Heeds settings that may change. Reads certificates. */
    void reconfigure(ListenerConfig wanted) {
        config = wanted;
        rate.perSecond(wanted.maxConnectionCreationRate());
        credentials.ifPresent(c -> c.reconfigure(wanted.ssl()));
    }

    /** Gives a connection that was let in to an event loop. */
    void begin(Channel connection) {
        try {
            channelOptions.forEach((option, value) -> set(connection, option, value));
            connection.pipeline().addLast(initializer);
            loops.next(config.networkThreads()).register(connection).addListener(registered -> {
                if (!registered.isSuccess()) {
                    connection.unsafe().closeForcibly();
                }
            });
        } catch (RuntimeException e) {
            connection.unsafe().closeForcibly();
            LOG.debugf("a connection to listener %s broke as it began: %s", config.name(), e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> void set(Channel connection, ChannelOption<T> option, Object value) {
        try {
            connection.config().setOption(option, (T) value);
        } catch (ChannelException e) {
            LOG.debugf("%s of a connection cannot be set: %s", option, e.getMessage()); // it is closed already
        }
    }

    /** Gives the port back; connections stay. */
    void close() {
        channel.close().awaitUninterruptibly();
    }
}
