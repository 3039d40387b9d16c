package io.odradek.network;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import io.odradek.metadata.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigException;

/** Makes connections to other brokers: looks up the address, connects, and shakes hands. Thread safe. */
final class BrokerDialer {
    private final BrokerClientConfig config;
    private final EventLoops loops;
    private final PooledByteBufAllocator allocator;
    private final RequestMemory memory;
    private final StalledFrames stalled;
    private final Optional<TlsCredentials> credentials;
    private final Executor lookups;

    /**
     * @param memory counts what has come and is not yet taken
     * @param lookups may wait for the names of hosts
     */
    BrokerDialer(
            BrokerClientConfig config,
            EventLoops loops,
            PooledByteBufAllocator allocator,
            RequestMemory memory,
            Optional<TlsCredentials> credentials,
            Executor lookups) {
        this.config = config;
        this.loops = loops;
        this.allocator = allocator;
        this.memory = memory;
        this.stalled = new StalledFrames(memory, loops.first(), config.setupTimeout());
        this.credentials = credentials;
        this.lookups = lookups;
    }

    /**
     * Begins to connect. Called on the loop.
     *
     * @param owner hears of it once, on the loop, before or after this returns
     */
    BrokerChannel dial(Endpoint endpoint, String clientId, EventLoop loop, BrokerChannel.Owner owner) {
        var channel = loops.clientChannel();
        var broker = new BrokerChannel(
                channel,
                clientId,
                credentials.isPresent(),
                FrameLimits.ofResponses(config.maxResponseBytes()),
                memory,
                stalled,
                owner);
        setOptions(channel, broker);
        try {
            credentials.ifPresent(c -> channel.pipeline().addLast(tls(c, endpoint)));
        } catch (ConfigException e) {
            loop.execute(() -> broker.close(e.getMessage()));
            return broker;
        }
        channel.pipeline().addLast(broker.decoder(), broker);
        loop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                resolve(endpoint, loop, address -> connect(channel, broker, address), broker::close);
            } else {
                broker.close(BrokerChannel.reason(registered.cause()));
            }
        });
        loop.schedule(broker::giveUpUnlessOpened, config.setupTimeout().toMillis(), TimeUnit.MILLISECONDS);
        return broker;
    }

    private void setOptions(Channel channel, BrokerChannel broker) {
        loops.channelOptions().forEach((option, value) -> set(channel, option, value));
        var options = channel.config();
        options.setOption(ChannelOption.ALLOCATOR, allocator);
        options.setOption(ChannelOption.TCP_NODELAY, true);
        options.setOption(ChannelOption.SO_KEEPALIVE, true);
        options.setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                config.setupTimeout().toMillis());
        config.receiveBufferBytes().ifPresent(bytes -> options.setOption(ChannelOption.SO_RCVBUF, bytes));
        if (credentials.isEmpty()) {
            options.setRecvByteBufAllocator(new FrameReceiveAllocator(broker.decoder()));
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> void set(Channel channel, ChannelOption<T> option, Object value) {
        channel.config().setOption(option, (T) value);
    }

    private SslHandler tls(TlsCredentials credentials, Endpoint endpoint) {
        credentials.requireUsable();
        var handler = new SslHandler(credentials.engine(endpoint.host(), endpoint.port()));
        handler.setHandshakeTimeoutMillis(config.setupTimeout().toMillis());
        return handler;
    }

    private void resolve(
            Endpoint endpoint, EventLoop loop, Consumer<InetSocketAddress> found, Consumer<String> notFound) {
        var literal = NetUtil.createInetAddressFromIpAddressString(endpoint.host());
        if (literal != null) {
            found.accept(new InetSocketAddress(literal, endpoint.port()));
            return;
        }
        try {
            lookups.execute(() -> lookUp(endpoint, loop, found, notFound));
        } catch (RejectedExecutionException e) {
            notFound.accept("too many names of hosts are looked up at the moment");
        }
    }

    private static void lookUp(
            Endpoint endpoint, EventLoop loop, Consumer<InetSocketAddress> found, Consumer<String> notFound) {
        Runnable result;
        try {
            var address = new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port());
            result = () -> found.accept(address);
        } catch (UnknownHostException e) {
            result = () -> notFound.accept("host " + endpoint.host() + " is not known");
        }
        try {
            loop.execute(result);
        } catch (RejectedExecutionException e) {
            // The client is closed, and with it the connection.
        }
    }

    private static void connect(Channel channel, BrokerChannel broker, InetSocketAddress address) {
        channel.connect(address).addListener(connected -> {
            if (!connected.isSuccess()) {
                broker.close(BrokerChannel.reason(connected.cause()));
            }
        });
    }
}
