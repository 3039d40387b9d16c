package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.apache.kafka.clients.NodeApiVersions;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * One TCP connection to another broker, from the moment it is dialled: agrees on versions, sends requests, and gives each
 * its answer, in their order. When it ends, what has no answer fails.
 *
 * <p>All state belongs to the channel's event loop, on which everything is called.
 */
final class BrokerChannel extends ChannelInboundHandlerAdapter implements FrameSink {
    /** Told on the channel's event loop. */
    interface Owner {
        /** It may be sent to. */
        void opened(BrokerChannel channel);

        /** It ended, or never came to be; after this its requests fail. Called once. */
        void closed(BrokerChannel channel, String why);
    }

    private record Sent(BrokerRequest request, RequestHeader header) {}

    private final Channel channel;
    private final String clientId;
    private final boolean encrypted;
    private final Owner owner;
    private final FrameDecoder decoder;
    private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();

    /** Null until the other side has said which it speaks. */
    private NodeApiVersions versions;

    private int nextCorrelationId;
    private boolean answered;
    private boolean closed;
    private String whyClosed = "the other side closed the connection";

    BrokerChannel(
            Channel channel,
            String clientId,
            boolean encrypted,
            FrameLimits limits,
            RequestMemory memory,
            StalledFrames stalled,
            Owner owner) {
        this.channel = channel;
        this.clientId = clientId;
        this.encrypted = encrypted;
        this.owner = owner;
        this.decoder = new FrameDecoder(this, memory, stalled, limits);
    }

    FrameDecoder decoder() {
        return decoder;
    }

    // ---- beginning and end

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel.closeFuture().addListener(over -> ended());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!encrypted) {
            askVersions(ApiKeys.API_VERSIONS.latestVersion());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                askVersions(ApiKeys.API_VERSIONS.latestVersion());
            } else {
                close("TLS: " + reason(handshake.cause()));
            }
        }
    }

    private void askVersions(short version) {
        var data = new ApiVersionsRequestData()
                .setClientSoftwareName("odradek")
                .setClientSoftwareVersion(AppInfoParser.getVersion());
        var builder = new ApiVersionsRequest.Builder(data, version, version);
        send(
                new BrokerRequest(builder, BrokerRequest.Records.COPIED, (response, failure) -> {
                    if (failure == null) {
                        versionsCame(((ApiVersionsResponse) response).data(), version);
                    }
                }),
                version);
    }

    private void versionsCame(ApiVersionsResponseData data, short asked) {
        var error = Errors.forCode(data.errorCode());
        if (error == Errors.UNSUPPORTED_VERSION && asked > 0) {
            // KIP-511: an older broker says in version 0 up to which version it may be asked.
            var known = data.apiKeys().find(ApiKeys.API_VERSIONS.id);
            askVersions(known == null || known.maxVersion() >= asked ? 0 : known.maxVersion());
        } else if (error != Errors.NONE) {
            close("it does not say which versions it speaks: " + error);
        } else {
            versions = new NodeApiVersions(data.apiKeys(), data.supportedFeatures());
            owner.opened(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close(reason(cause));
    }

    static String reason(Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** Ends it; what is in flight fails. Idempotent. */
    void close(String why) {
        if (!closed) {
            closed = true;
            whyClosed = why;
            decoder.end();
            if (channel.isRegistered()) {
                channel.close();
            } else {
                channel.unsafe().closeForcibly();
                ended();
            }
        }
    }

    /** For when it has had all the time that it may take. */
    void giveUpUnlessOpened() {
        if (versions == null) {
            close("it was not ready in time (socket.connection.setup.timeout.ms)");
        }
    }

    private void ended() {
        closed = true;
        decoder.end();
        // First, since those who are told of a failure may send again at once.
        owner.closed(this, whyClosed);
        for (var sent = inFlight.poll(); sent != null; sent = inFlight.poll()) {
            sent.request().fail(new DisconnectException(sent.request() + " was not answered: " + whyClosed));
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether a request was answered, but for that about versions. */
    boolean hasAnswered() {
        return answered;
    }

    // ---- requests

    /** While it is open. The request fails if the other side does not speak it. */
    void send(BrokerRequest request) {
        try {
            var builder = request.builder;
            send(
                    request,
                    versions.latestUsableVersion(
                            builder.apiKey(), builder.oldestAllowedVersion(), builder.latestAllowedVersion()));
        } catch (RuntimeException e) {
            request.fail(e);
        }
    }

    private void send(BrokerRequest request, short version) {
        AbstractRequest body = request.builder.build(version);
        var header = new RequestHeader(request.builder.apiKey(), version, clientId, nextCorrelationId++);
        var bytes = RequestEncoder.encode(header, body, channel.alloc());
        inFlight.add(new Sent(request, header));
        channel.writeAndFlush(bytes).addListener(sent -> {
            if (!sent.isSuccess()) {
                close(reason(sent.cause()));
            }
        });
    }

    // ---- answers

    @Override
    public void frame(ByteBuf frame, RequestMemory.Reservation memory) {
        try {
            var sent = inFlight.poll();
            if (sent == null) {
                close("it answers what was not asked");
            } else if (!closed) {
                answer(sent, frame);
            }
        } finally {
            frame.release();
            memory.release();
        }
    }

    private void answer(Sent sent, ByteBuf frame) {
        AbstractResponse response;
        try {
            response = AbstractResponse.parseResponse(bytes(sent.request(), frame), sent.header());
        } catch (RuntimeException e) {
            inFlight.addFirst(sent);
            close("its answer to " + sent.request() + " cannot be read: " + e);
            return;
        }
        answered |= versions != null;
        sent.request().answer(response);
    }

    private static ByteBuffer bytes(BrokerRequest request, ByteBuf frame) {
        if (request.records == BrokerRequest.Records.LENT) {
            return frame.nioBuffer();
        }
        var copy = ByteBuffer.allocate(frame.readableBytes());
        frame.getBytes(frame.readerIndex(), copy);
        return copy.flip();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        throw new IllegalStateException("nothing passes the frame decoder");
    }

    @Override
    public void readBegins() {
        // Nothing is gathered until the end of a read.
    }

    @Override
    public boolean isReady() {
        return !closed;
    }

    @Override
    public void memoryExhausted() {
        throw new IllegalStateException("the memory for answers has no common bound");
    }

    @Override
    public void memoryGranted() {
        throw new IllegalStateException("the memory for answers has no common bound");
    }

    @Override
    public void refused(RequestMetrics.Refusal reason, String why) {
        close(why);
    }
}
