package io.odradek.network;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/** Puts a new connection's handlers together. One per listener. */
final class ConnectionInitializer extends ChannelInitializer<Channel> {
    private final Supplier<ServerContext> server;
    private final ListenerConfig listener;
    private final Optional<TlsCredentials> credentials;

    /** @param server asked when a connection is accepted, so when the server serves */
    ConnectionInitializer(
            Supplier<ServerContext> server, ListenerConfig listener, Optional<TlsCredentials> credentials) {
        this.server = server;
        this.listener = listener;
        this.credentials = credentials;
    }

    @Override
    protected void initChannel(Channel channel) {
        var context = server.get();
        var pipeline = channel.pipeline();
        Transport transport;
        if (credentials.isPresent()) {
            var remote = (InetSocketAddress) channel.remoteAddress();
            var tls =
                    new SslHandler(credentials.get().engine(remote.getAddress().getHostAddress(), remote.getPort()));
            tls.setHandshakeTimeoutMillis(context.config().handshakeTimeout().toMillis());
            transport = new Transport.Tls(tls, credentials.get());
            pipeline.addLast(tls, new ChunkedWriteHandler());
        } else {
            transport = new Transport.Plaintext();
        }
        var connection = new KafkaConnection(context, listener, transport, channel);
        if (credentials.isEmpty()) {
            channel.config().setRecvByteBufAllocator(new FrameReceiveAllocator(connection.decoder()));
        }
        pipeline.addLast(connection.decoder(), connection);
    }
}
