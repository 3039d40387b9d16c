package io.odradek.network;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollMode;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * The threads that move bytes, and the kind of channel that goes with them: Linux's epoll where its library loads, the
 * JDK's selectors elsewhere.
 */
record EventLoops(EventLoopGroup group, ChannelFactory<? extends ServerChannel> serverChannels, boolean isEpoll) {
    private static final String THREAD_NAME = "odradek-network";

    static EventLoops start(int threads) {
        var factory = new DefaultThreadFactory(THREAD_NAME);
        return Epoll.isAvailable()
                ? new EventLoops(new EpollEventLoopGroup(threads, factory), EpollServerSocketChannel::new, true)
                : new EventLoops(new NioEventLoopGroup(threads, factory), NioServerSocketChannel::new, false);
    }

    ServerBootstrap bootstrap() {
        @SuppressWarnings("unchecked")
        var bootstrap =
                new ServerBootstrap().group(group).channelFactory((ChannelFactory<ServerChannel>) serverChannels);
        if (isEpoll) {
            // Edge-triggered, every read that empties the socket would be followed by one that finds it empty.
            bootstrap.childOption(EpollChannelOption.EPOLL_MODE, EpollMode.LEVEL_TRIGGERED);
        }
        return bootstrap;
    }
}
