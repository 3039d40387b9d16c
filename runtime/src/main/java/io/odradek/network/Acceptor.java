package io.odradek.network;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.odradek.network.ReadGate.Reason;
import io.odradek.network.RequestMetrics.Refusal;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets connections in, as far as the limits allow, on one listener. As in Kafka, one too many of an address is closed;
 * one too many of the listener or the broker, or one that comes too soon, waits in the system's backlog.
 *
 * <p>All state belongs to the listener's event loop, but for what is volatile.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final long PAUSE_AFTER_FAILURE_MS = 1000;

    private final ListenerConfig listener;
    private final boolean exemptFromBrokerLimit;
    private final ConnectionLimits limits;
    private final ConnectionRate rate;
    private final ConnectionRate brokerRate;
    private final RequestMetrics metrics;
    private final ClientMistakes mistakes;
    /** Told when a connection has closed, since another listener may wait for that. */
    private final Runnable connectionClosed;

    private Channel channel;
    private ReadGate gate;
    /** Accepted by the system before the limit was noticed; nothing of it is read. */
    private Channel parked;

    private volatile boolean waitsForClose;

    /** @param brokerRate shared by all listeners, which run on several loops: used under its monitor */
    Acceptor(
            NetworkConfig config,
            ListenerConfig listener,
            ConnectionLimits limits,
            ConnectionRate brokerRate,
            RequestMetrics metrics,
            ClientMistakes mistakes,
            LongSupplier nanoClock,
            Runnable connectionClosed) {
        this.listener = listener;
        // As in Kafka: where there is no other listener, clients come in here too.
        this.exemptFromBrokerLimit = config.listeners().size() > 1
                && config.interBrokerListener().filter(listener.name()::equals).isPresent();
        this.limits = limits;
        this.rate = new ConnectionRate(listener.maxConnectionCreationRate(), nanoClock);
        this.brokerRate = brokerRate;
        this.metrics = metrics;
        this.mistakes = mistakes;
        this.connectionClosed = connectionClosed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        gate = new ReadGate(channel, () -> {});
        gate.close(Reason.NOT_SERVING);
    }

    /** Begins to accept. Called on any thread. */
    void serve() {
        channel.eventLoop().execute(() -> gate.open(Reason.NOT_SERVING));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        admit(context, (Channel) message);
        waitIfTooFast();
    }

    private void admit(ChannelHandlerContext context, Channel child) {
        var remote = (InetSocketAddress) child.remoteAddress();
        if (remote == null) {
            child.unsafe().closeForcibly(); // gone already
            return;
        }
        var address = remote.getAddress();
        switch (limits.admit(listener, exemptFromBrokerLimit, address)) {
            case COUNTED -> {
                child.closeFuture().addListener(closed -> {
                    limits.closed(listener, address);
                    connectionClosed.run();
                });
                context.fireChannelRead(child);
            }
            case ADDRESS_FULL -> {
                metrics.connectionRefused(listener.name(), Refusal.PER_IP_LIMIT);
                child.unsafe().closeForcibly();
                mistakes.log(
                        "Refusing a connection of %s on %s: as many as max.connections.per.ip allows are open",
                        address.getHostAddress(), listener.name());
            }
            case FULL -> {
                parked = child;
                gate.close(Reason.MAX_CONNECTIONS);
                if (!waitsForClose) {
                    // Announced before trying again: who closes counts first and then looks at the announcement.
                    waitsForClose = true;
                    admitParked();
                }
            }
        }
    }

    /** A connection of any listener has closed. Called on any thread. */
    void roomMade() {
        if (waitsForClose) {
            channel.eventLoop().execute(this::admitParked);
        }
    }

    private void admitParked() {
        if (parked != null) {
            var child = parked;
            parked = null;
            admit(channel.pipeline().context(this), child);
        }
        if (parked == null) {
            waitsForClose = false;
            gate.open(Reason.MAX_CONNECTIONS);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (parked != null) {
            parked.unsafe().closeForcibly();
            parked = null;
        }
    }

    private void waitIfTooFast() {
        long wait;
        synchronized (brokerRate) {
            wait = Math.max(rate.accepted(), brokerRate.accepted());
        }
        if (wait > 0) {
            pause(Reason.CONNECTION_RATE, wait, TimeUnit.NANOSECONDS);
        }
    }

    private void pause(Reason reason, long time, TimeUnit unit) {
        gate.close(reason);
        channel.eventLoop().schedule(() -> gate.open(reason), time, unit);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        mistakes.log("Listener %s cannot accept connections for the moment: %s", listener.name(), cause);
        pause(Reason.ACCEPT_FAILED, PAUSE_AFTER_FAILURE_MS, TimeUnit.MILLISECONDS);
    }
}
