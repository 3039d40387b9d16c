package io.odradek.network;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.odradek.network.ReadGate.Reason;
import io.odradek.network.RequestMetrics.Refusal;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Lets connections in, as far as the limits allow, on one listener. As in Kafka, one too many of an address is closed;
 * one too many of the listener or the broker, or one that comes too soon, waits in the system's backlog.
 *
 * <p>All state belongs to the listener's event loop, but for what is volatile.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final long PAUSE_AFTER_FAILURE_MS = 1000;

    private final String listener;
    private final BooleanSupplier exemptFromBrokerLimit;
    private final ConnectionLimits limits;
    private final ConnectionRate rate;
    private final ConnectionRate brokerRate;
    private final RequestMetrics metrics;
    private final ClientMistakes mistakes;
    private final Consumer<Channel> admitted;
    /** Told when a connection has closed, since another listener may wait for that. */
    private final Runnable connectionClosed;

    private Channel channel;
    private ReadGate gate;
    /** Accepted by the system before the limit was noticed; nothing of it is read. */
    private Channel parked;
    /** Null while connections do not come too fast. */
    private Future<?> rateIsKept;

    private volatile boolean waitsForClose;

    /**
     * @param exemptFromBrokerLimit whether this listener is, as it is now
     * @param rate of this listener
     * @param brokerRate shared by all listeners
     * @param admitted is given each connection that was let in, on this event loop
     */
    Acceptor(
            String listener,
            BooleanSupplier exemptFromBrokerLimit,
            ConnectionLimits limits,
            ConnectionRate rate,
            ConnectionRate brokerRate,
            RequestMetrics metrics,
            ClientMistakes mistakes,
            Consumer<Channel> admitted,
            Runnable connectionClosed) {
        this.listener = listener;
        this.exemptFromBrokerLimit = exemptFromBrokerLimit;
        this.limits = limits;
        this.rate = rate;
        this.brokerRate = brokerRate;
        this.metrics = metrics;
        this.mistakes = mistakes;
        this.admitted = admitted;
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
        admit((Channel) message);
        waitIfTooFast();
    }

    private void admit(Channel child) {
        var remote = (InetSocketAddress) child.remoteAddress();
        if (remote == null) {
            child.unsafe().closeForcibly(); // gone already
            return;
        }
        var address = remote.getAddress();
        switch (limits.admit(listener, exemptFromBrokerLimit.getAsBoolean(), address)) {
            case COUNTED -> {
                child.closeFuture().addListener(closed -> {
                    limits.closed(listener, address);
                    connectionClosed.run();
                });
                admitted.accept(child);
            }
            case ADDRESS_FULL -> {
                metrics.connectionRefused(listener, Refusal.PER_IP_LIMIT);
                child.unsafe().closeForcibly();
                mistakes.log(
                        "Refusing a connection of %s on %s: as many as max.connections.per.ip allows are open",
                        address.getHostAddress(), listener);
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
            admit(child);
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

    /** Limits and rates have changed: tries again what waits for them. Called on any thread. */
    void reconsider() {
        channel.eventLoop().execute(() -> {
            admitParked();
            if (rateIsKept != null) {
                rateIsKept.cancel(false);
                rateIsKept = null;
                gate.open(Reason.CONNECTION_RATE);
            }
        });
    }

    private void waitIfTooFast() {
        var wait = Math.max(rate.accepted(), brokerRate.accepted());
        if (wait > 0) {
            gate.close(Reason.CONNECTION_RATE);
            rateIsKept = channel.eventLoop()
                    .schedule(
                            () -> {
                                rateIsKept = null;
                                gate.open(Reason.CONNECTION_RATE);
                            },
                            wait,
                            TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        mistakes.log("Listener %s cannot accept connections for the moment: %s", listener, cause);
        gate.close(Reason.ACCEPT_FAILED);
        channel.eventLoop()
                .schedule(() -> gate.open(Reason.ACCEPT_FAILED), PAUSE_AFTER_FAILURE_MS, TimeUnit.MILLISECONDS);
    }
}
