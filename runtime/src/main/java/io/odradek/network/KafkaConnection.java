package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.network.ReadGate.Reason;
import io.odradek.network.RequestMetrics.Refusal;
import io.odradek.security.ClientIdentity;
import io.odradek.security.ClientText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.jboss.logging.Logger;

/**
 * One client's connection: starts its requests in the order in which they came, and answers in that order, however the
 * handlers finish. Reads no further while too much of the client's is in flight, unsent or forbidden by a quota, so that
 * what a connection costs is bounded.
 *
 * <p>All state belongs to the channel's event loop; what completes elsewhere is brought back to it.
 */
final class KafkaConnection extends ChannelInboundHandlerAdapter implements FrameSink {
    private static final Logger LOG = Logger.getLogger(KafkaConnection.class);

    private final ServerContext server;
    private final ListenerConfig listener;
    private final Transport transport;
    private final Channel channel;
    private final FrameDecoder decoder;
    private final ReadGate gate;
    private final InetSocketAddress address;

    /** Null until the connection is identified; no frame is taken before. */
    private ClientIdentity identity;
    /** Started, and not yet answered. */
    private final ArrayDeque<Exchange> inFlight = new ArrayDeque<>();

    private long unsentBytes;
    private int throttles;
    private boolean reading;
    private boolean flushWanted;
    private long activeNanos;
    private Future<?> idleCheck;
    /** One line in the log is enough for a connection. */
    private boolean complained;
    /** Nothing more is read; closes when all is answered. */
    private boolean ending;
    /** Nothing more is answered either. */
    private boolean ended;

    KafkaConnection(ServerContext server, ListenerConfig listener, Transport transport, Channel channel) {
        this.server = server;
        this.listener = listener;
        this.transport = transport;
        this.channel = channel;
        this.decoder = new FrameDecoder(
                this,
                server.memory(),
                server.stalled(),
                FrameLimits.ofRequests(server.config().requestMaxBytes()));
        this.gate = new ReadGate(channel, decoder::resume);
        this.address = (InetSocketAddress) channel.remoteAddress();
    }

    FrameDecoder decoder() {
        return decoder;
    }

    // ---- beginning and end

    @Override
    public void channelActive(ChannelHandlerContext context) {
        server.connections().add(this);
        server.metrics().connectionOpened(listener.name());
        activeNanos = server.nanoClock().getAsLong();
        checkIdleAfter(server.config().connectionsMaxIdle().toNanos());
        if (transport.isReadyAtOnce()) {
            identify();
        }
    }

    private void identify() {
        gate.close(Reason.IDENTIFYING);
        CompletionStage<ClientIdentity> stage;
        try {
            stage = server.identities().identify(transport.arrival(listener, address));
        } catch (Throwable e) {
            identified(null, e);
            return;
        }
        stage.whenComplete((who, failure) -> onLoop(() -> identified(who, failure)));
    }

    private void identified(ClientIdentity who, Throwable failure) {
        if (failure != null) {
            refused(Refusal.IDENTITY_REFUSED, "its identity: " + reason(failure));
            return;
        }
        identity = who;
        gate.open(Reason.IDENTIFYING);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                identify();
            } else {
                refused(Refusal.HANDSHAKE_FAILED, "TLS: " + reason(handshake.cause()));
            }
        }
    }

    private static String reason(Throwable failure) {
        var cause = Errors.maybeUnwrapException(failure);
        if (cause instanceof NotSslRecordException) {
            return "what it sends is not TLS"; // the message has all the bytes
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private void checkIdleAfter(long nanos) {
        if (nanos > 0) {
            idleCheck = channel.eventLoop().schedule(this::checkIdle, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Bytes that went either way count, and a handler that takes its time is not the client's fault. */
    private void checkIdle() {
        var limit = server.config().connectionsMaxIdle().toNanos();
        var idle = server.nanoClock().getAsLong() - activeNanos;
        var awaitsHandler = !inFlight.isEmpty() && inFlight.peek().reply == null;
        if (awaitsHandler) {
            checkIdleAfter(limit);
        } else if (idle < limit) {
            checkIdleAfter(limit - idle);
        } else {
            LOG.debugf("closing the connection of %s, idle for connections.max.idle.ms", address);
            server.metrics().connectionRefused(listener.name(), Refusal.IDLE);
            channel.close();
        }
    }

    /**
     * Takes no more requests, and closes when those in flight are answered. Called on any thread.
     *
     * @return completes when it is closed
     */
    CompletableFuture<?> stop() {
        onLoop(() -> {
            ending = true;
            gate.close(Reason.ENDING);
            closeWhenDone();
        });
        var closed = new CompletableFuture<Void>();
        channel.closeFuture().addListener(done -> closed.complete(null));
        return closed;
    }

    /** The listener's name. */
    String listener() {
        return listener.name();
    }

    Channel channel() {
        return channel;
    }

    private void closeWhenDone() {
        if (ending && inFlight.isEmpty() && unsentBytes == 0) {
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        decoder.end();
        if (idleCheck != null) {
            idleCheck.cancel(false);
        }
        if (server.connections().remove(this)) {
            server.metrics().connectionClosed(listener.name());
        }
        answerNoMore();
    }

    private void answerNoMore() {
        ended = true;
        // Undecided requests still own their frames; they are dropped when they are decided.
        inFlight.forEach(Exchange::drop);
        inFlight.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debugf("connection of %s broke: %s", address, cause);
        } else {
            LOG.errorf(cause, "connection of %s is closed because of a failure here", address);
        }
        channel.close();
    }

    @Override
    public void refused(Refusal reason, String why) {
        server.metrics().connectionRefused(listener.name(), reason);
        server.mistakes().log("Closing the connection of %s on %s because of %s", address, listener.name(), why);
        end();
    }

    /** Answers what is in flight before, and closes. */
    private void end() {
        gate.close(Reason.ENDING);
        decoder.end();
        ending = true;
        closeWhenDone();
    }

    // ---- requests

    @Override
    public boolean isReady() {
        return identity != null && gate.isOpen();
    }

    @Override
    public void memoryExhausted() {
        gate.close(Reason.MEMORY);
    }

    @Override
    public void memoryGranted() {
        gate.open(Reason.MEMORY);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        throw new IllegalStateException("nothing passes the frame decoder");
    }

    @Override
    public void frame(ByteBuf frame, RequestMemory.Reservation memory) {
        var now = server.nanoClock().getAsLong();
        var bytes = frame.readableBytes();
        var kept = frame;
        if (!RequestParser.keepsFrame(frame.nioBuffer())) {
            kept = Unpooled.EMPTY_BUFFER;
        } else if (frame.unwrap() != null && frame.unwrap().capacity() > 2 * bytes) {
            // A small slice of what was read with it would keep all of that alive.
            kept = channel.alloc().directBuffer(bytes, bytes).writeBytes(frame, 0, bytes);
            frame.release();
            frame = kept;
        }
        RequestParser.Parsed parsed;
        try {
            parsed = server.parser().parse(frame.nioBuffer());
        } catch (Throwable e) {
            frame.release();
            memory.release();
            throw e;
        }
        if (kept != frame) {
            frame.release();
        }
        if (parsed instanceof RequestParser.Request request) {
            var header = request.header();
            start(request.body(), new Exchange(header, header.apiVersion(), bytes, now, kept, memory));
        } else if (parsed instanceof RequestParser.Answered answered) {
            var exchange = new Exchange(answered.header(), answered.version(), bytes, now, kept, memory);
            inFlight.add(exchange);
            decided(exchange, Reply.of(answered.response()));
        } else if (parsed instanceof RequestParser.Refused refusal) {
            kept.release();
            memory.release();
            refused(refusal.reason(), refusal.why());
        }
    }

    private void start(AbstractRequest request, Exchange exchange) {
        inFlight.add(exchange);
        if (inFlight.size() >= server.config().maxInFlightRequests()) {
            gate.close(Reason.IN_FLIGHT);
        }
        server.dispatcher()
                .dispatch(
                        new RequestContext(identity, exchange.header, exchange.receivedNanos, exchange.abandonment),
                        request)
                .whenComplete(
                        (reply, failure) -> onLoop(() -> decided(exchange, failure == null ? reply : failed(failure))));
    }

    private Reply failed(Throwable failure) {
        LOG.errorf(failure, "a request of %s was not answered", address);
        return new Reply.Disconnect("a failure of the broker");
    }

    // ---- replies

    private void decided(Exchange exchange, Reply reply) {
        exchange.decided(reply);
        if (ended) {
            exchange.drop();
            return;
        }
        while (!inFlight.isEmpty() && inFlight.peek().reply != null) {
            answer(inFlight.poll());
        }
        if (inFlight.size() < server.config().maxInFlightRequests()) {
            gate.open(Reason.IN_FLIGHT);
        }
        if (flushWanted && !reading) {
            flushWanted = false;
            channel.flush();
        }
        closeWhenDone();
    }

    private void answer(Exchange exchange) {
        var api = exchange.header.apiKey();
        var nanos = server.nanoClock().getAsLong() - exchange.receivedNanos;
        if (exchange.reply instanceof Reply.Respond respond) {
            respond(exchange, respond, nanos);
        } else if (exchange.reply instanceof Reply.Silent silent) {
            server.metrics().silent(api, nanos, exchange.requestBytes);
            throttle(silent.throttleTimeMs());
        } else if (exchange.reply instanceof Reply.Disconnect disconnect) {
            server.metrics().disconnected(api);
            server.mistakes()
                    .log(
                            "Closing the connection of %s on %s after %s: %s",
                            address, listener.name(), api, disconnect.reason());
            answerNoMore();
            end();
        }
    }

    private void respond(Exchange exchange, Reply.Respond respond, long nanos) {
        respond.complaint().ifPresent(this::complain);
        var response = respond.response();
        ResponseEncoder.Encoded encoded;
        try {
            encoded = ResponseEncoder.encode(
                    exchange.header.toResponseHeader(), response, exchange.version, channel.alloc());
        } catch (Throwable e) {
            LOG.errorf(e, "the response to %s of %s cannot be written", ClientText.oneLine(exchange.header), address);
            ResponseRecords.close(response);
            answerNoMore();
            channel.close();
            return;
        }
        write(encoded);
        throttle(response.throttleTimeMs());
        server.metrics()
                .answered(exchange.header.apiKey(), response, nanos, exchange.requestBytes, encoded.sizeInBytes());
    }

    private void complain(String complaint) {
        if (!complained) {
            complained = true;
            server.mistakes()
                    .log("Refusing what %s asks on %s, now and later: %s", address, listener.name(), complaint);
        }
    }

    private void write(ResponseEncoder.Encoded encoded) {
        unsentBytes += encoded.sizeInBytes();
        if (unsentBytes > server.config().responseBufferBytes()) {
            gate.close(Reason.RESPONSES);
        }
        var last = encoded.parts().size() - 1;
        for (int i = 0; i < last; i++) {
            channel.write(transport.outbound(encoded.parts().get(i)), channel.voidPromise());
        }
        channel.write(transport.outbound(encoded.parts().get(last))).addListener(sent -> {
            unsentBytes -= encoded.sizeInBytes();
            activeNanos = server.nanoClock().getAsLong();
            if (!sent.isSuccess()) {
                channel.close();
                return;
            }
            if (unsentBytes <= server.config().responseBufferBytes() / 2) {
                gate.open(Reason.RESPONSES);
            }
            closeWhenDone();
        });
        flushWanted = true;
    }

    /** KIP-219: the response goes out at once, and the next request is not read before the time is over. */
    private void throttle(int throttleTimeMs) {
        if (throttleTimeMs <= 0) {
            return;
        }
        throttles++;
        gate.close(Reason.THROTTLED);
        channel.eventLoop()
                .schedule(
                        () -> {
                            if (--throttles == 0) {
                                gate.open(Reason.THROTTLED);
                            }
                        },
                        throttleTimeMs,
                        TimeUnit.MILLISECONDS);
    }

    /** What is answered from here on is flushed together, when all that was read has been worked on. */
    @Override
    public void readBegins() {
        reading = true;
        activeNanos = server.nanoClock().getAsLong();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        if (flushWanted) {
            flushWanted = false;
            channel.flush();
        }
    }

    private void onLoop(Runnable task) {
        if (channel.eventLoop().inEventLoop()) {
            task.run();
            return;
        }
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            // The loop has ended, and this connection before it: nothing is left to do but to drop what was decided.
            task.run();
        }
    }
}
