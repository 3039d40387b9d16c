package io.odradek.network;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollMode;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that move bytes, as many as are wanted now, and the kind of channel that goes with them: Linux's epoll
 * where its library loads, the JDK's selectors elsewhere. Thread safe.
 */
final class EventLoops {
    private final ThreadFactory threads;
    private final boolean epoll = Epoll.isAvailable();
    private final AtomicInteger turn = new AtomicInteger();
    /** Retired and not over yet. */
    private final Set<EventLoop> ending = ConcurrentHashMap.newKeySet();

    private volatile List<EventLoop> loops = List.of();

    /** @param name of the threads, which get a number each */
    EventLoops(String name, int threads) {
        this.threads = new DefaultThreadFactory(name);
        resize(threads);
    }

    /** The one that accepts connections; it is never retired. */
    EventLoop first() {
        return loops.get(0);
    }

    int size() {
        return loops.size();
    }

    /** Where the next connection goes, one of the first {@code among}. */
    EventLoop next(int among) {
        var now = loops;
        return now.get(Math.floorMod(turn.getAndIncrement(), Math.min(among, now.size())));
    }

    ServerChannel serverChannel() {
        return epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    }

    /** One that is still to be connected. */
    Channel clientChannel() {
        return epoll ? new EpollSocketChannel() : new NioSocketChannel();
    }

    /** What a connection's channel needs on these loops. */
    Map<ChannelOption<?>, Object> channelOptions() {
        // Edge-triggered, every read that empties the socket would be followed by one that finds it empty.
        return epoll ? Map.of(EpollChannelOption.EPOLL_MODE, EpollMode.LEVEL_TRIGGERED) : Map.of();
    }

    /**
     * Adds loops, or takes the last ones out of the choice.
     *
     * @return those that were taken out and still run; {@link #end} them when their channels are closed
     */
    synchronized List<EventLoop> resize(int wanted) {
        var now = new ArrayList<>(loops);
        while (now.size() < wanted) {
            EventLoopGroup one = epoll ? new EpollEventLoopGroup(1, threads) : new NioEventLoopGroup(1, threads);
            now.add(one.next());
        }
        var retired = List.copyOf(now.subList(wanted, now.size()));
        ending.addAll(retired);
        loops = List.copyOf(now.subList(0, wanted));
        return retired;
    }

    /** Ends a retired loop, and closes what is still open on it. Idempotent. */
    void end(EventLoop retired) {
        retired.shutdownGracefully(0, 1, TimeUnit.MINUTES).addListener(over -> ending.remove(retired));
    }

    /** Ends all of them, closes what is still open, and waits. Not to be called on one of them. */
    synchronized void close() {
        var all = new ArrayList<>(ending);
        all.addAll(loops);
        all.forEach(loop -> loop.shutdownGracefully(0, 1, TimeUnit.MINUTES));
        all.forEach(loop -> loop.terminationFuture().awaitUninterruptibly());
    }
}
