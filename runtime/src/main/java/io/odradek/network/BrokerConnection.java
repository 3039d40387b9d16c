package io.odradek.network;

import io.netty.channel.EventLoop;
import io.odradek.metadata.Endpoint;
import io.odradek.network.BrokerRequest.Records;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.utils.ExponentialBackoff;
import org.jboss.logging.Logger;

/**
 * This broker's way to another one: connects when there is something to send, again when the connection broke, and gives
 * each request its answer, a failure or a time-out.
 *
 * <p>After an attempt that failed it does not try again for some time, which grows with each failure. What is sent
 * meanwhile waits for the next attempt: whoever asks again at once is slowed down to that pace.
 *
 * <p>{@link #send}, {@link #reset} and {@link #close} may be called by any thread. All else belongs to the connection's event loop.
 */
final class BrokerConnection implements BrokerChannel.Owner {
    /** How it is with the connection. */
    private enum Phase {
        /** Nothing is connected, and nobody waits. */
        IDLE,
        CONNECTING,
        OPEN,
        /** The last attempt failed; those who wait make the next one begin. */
        BACKING_OFF,
        CLOSED
    }

    private static final Logger LOG = Logger.getLogger(BrokerConnection.class);
    private static final int BACKOFF_GROWTH = 2;
    private static final double BACKOFF_JITTER = 0.2;

    private final int broker;
    private final String clientId;
    private final Duration requestTimeout;
    private final BrokerClientConfig config;
    private final Supplier<Optional<Endpoint>> whereIs;
    private final BrokerDialer dialer;
    private final EventLoop loop;
    private final ExponentialBackoff backoff;
    private final AtomicInteger unanswered = new AtomicInteger();

    private final ArrayDeque<BrokerRequest> waiting = new ArrayDeque<>();
    private Phase phase = Phase.IDLE;
    /** Of the phases CONNECTING and OPEN. */
    private BrokerChannel channel;
    /** Attempts since the last answer. */
    private int failures;

    private long lastUsedNanos;

    /** @param whereIs asked for each attempt */
    BrokerConnection(
            int broker,
            String clientId,
            Duration requestTimeout,
            BrokerClientConfig config,
            Supplier<Optional<Endpoint>> whereIs,
            BrokerDialer dialer,
            EventLoop loop) {
        this.broker = broker;
        this.clientId = clientId;
        this.requestTimeout = requestTimeout;
        this.config = config;
        this.whereIs = whereIs;
        this.dialer = dialer;
        this.loop = loop;
        this.backoff = new ExponentialBackoff(
                config.reconnectBackoff().toMillis(),
                BACKOFF_GROWTH,
                config.reconnectBackoffMax().toMillis(),
                BACKOFF_JITTER);
    }

    /** @param handler called once: on the event loop, or at once if too many requests have no answer yet */
    void send(AbstractRequest.Builder<?> builder, Records records, BiConsumer<AbstractResponse, Throwable> handler) {
        if (unanswered.incrementAndGet() > config.maxUnanswered()) {
            unanswered.decrementAndGet();
            handler.accept(
                    null,
                    new DisconnectException(builder.apiKey() + " was not sent to broker " + broker + ": "
                            + config.maxUnanswered() + " requests have no answer yet"));
            return;
        }
        var request = new BrokerRequest(builder, records, (response, failure) -> {
            unanswered.decrementAndGet();
            handler.accept(response, failure);
        });
        onLoop(() -> start(request), () -> request.fail(closedException(request)));
    }

    private void onLoop(Runnable task, Runnable ifOver) {
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            ifOver.run();
        }
    }

    private DisconnectException closedException(BrokerRequest request) {
        return new DisconnectException(request + " was not sent to broker " + broker + ": the connection is closed");
    }

    private void start(BrokerRequest request) {
        if (phase == Phase.CLOSED) {
            request.fail(closedException(request));
            return;
        }
        request.timeout(loop.schedule(() -> timedOut(request), requestTimeout.toMillis(), TimeUnit.MILLISECONDS));
        if (phase == Phase.OPEN && !channel.isClosed()) {
            lastUsedNanos = System.nanoTime();
            channel.send(request);
            return;
        }
        waiting.add(request);
        if (phase == Phase.IDLE) {
            connect();
        }
    }

    /** One that was sent takes the connection with it: answers come in order, so none will come before this one. */
    private void timedOut(BrokerRequest request) {
        boolean sent = !waiting.remove(request);
        request.fail(new TimeoutException(
                request + " was not answered by broker " + broker + " within " + requestTimeout.toMillis() + " ms"));
        if (sent && phase == Phase.OPEN) {
            channel.close(request + " was not answered in time");
        }
    }

    private void connect() {
        var endpoint = whereIs.get();
        if (endpoint.isEmpty()) {
            failed("it is not known where it is");
            return;
        }
        phase = Phase.CONNECTING;
        channel = dialer.dial(endpoint.get(), clientId, loop, this);
    }

    @Override
    public void opened(BrokerChannel opened) {
        if (phase != Phase.CONNECTING) {
            return;
        }
        phase = Phase.OPEN;
        if (failures > 0) {
            LOG.infof("%s is connected to broker %d again", clientId, broker);
        }
        lastUsedNanos = System.nanoTime();
        checkIdleAfter(config.maxIdle().toNanos());
        while (!waiting.isEmpty() && !channel.isClosed()) {
            channel.send(waiting.poll());
        }
    }

    @Override
    public void closed(BrokerChannel closed, String why) {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (phase == Phase.OPEN && closed.hasAnswered()) {
            LOG.debugf("%s is not connected to broker %d any more: %s", clientId, broker, why);
            failures = 0;
            phase = Phase.IDLE;
            if (!waiting.isEmpty()) {
                connect();
            }
        } else {
            failed(why);
        }
    }

    private void failed(String why) {
        phase = Phase.BACKING_OFF;
        long backoffMs = backoff.backoff(failures++);
        if (failures == 1) {
            LOG.infof("%s has no connection to broker %d, and tries again: %s", clientId, broker, why);
        } else {
            LOG.debugf("%s has no connection to broker %d: %s", clientId, broker, why);
        }
        loop.schedule(this::backoffIsOver, backoffMs, TimeUnit.MILLISECONDS);
        failWaiting("no connection to broker " + broker + ": " + why);
    }

    /** Those who wait now; what they send in answer waits for the next attempt. */
    private void failWaiting(String why) {
        for (int left = waiting.size(); left > 0 && !waiting.isEmpty(); left--) {
            var request = waiting.poll();
            request.fail(new DisconnectException(request + " was not sent: " + why));
        }
    }

    private void backoffIsOver() {
        if (phase == Phase.BACKING_OFF) {
            phase = Phase.IDLE;
            if (!waiting.isEmpty()) {
                connect();
            }
        }
    }

    private void checkIdleAfter(long nanos) {
        if (nanos > 0) {
            var watched = channel;
            loop.schedule(() -> checkIdle(watched), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void checkIdle(BrokerChannel watched) {
        if (phase != Phase.OPEN || channel != watched) {
            return;
        }
        long left = config.maxIdle().toNanos() - (System.nanoTime() - lastUsedNanos);
        if (left <= 0 && unanswered.get() == 0) {
            channel.close("it was idle");
        } else {
            checkIdleAfter(Math.max(left, TimeUnit.SECONDS.toNanos(1)));
        }
    }

    /** Fails what has no answer, as if the other side had gone; what is sent from now on goes over a new connection. */
    void reset(String why) {
        onLoop(
                () -> {
                    if (phase == Phase.CONNECTING || phase == Phase.OPEN) {
                        channel.close(why);
                    }
                },
                () -> {});
    }

    /** Fails what has no answer and takes nothing more. Idempotent. */
    void close() {
        onLoop(this::end, () -> {});
    }

    private void end() {
        if (phase == Phase.CLOSED) {
            return;
        }
        var before = phase;
        phase = Phase.CLOSED;
        failWaiting("the connection is closed");
        if (before == Phase.CONNECTING || before == Phase.OPEN) {
            channel.close("this side closed the connection");
        }
    }
}
