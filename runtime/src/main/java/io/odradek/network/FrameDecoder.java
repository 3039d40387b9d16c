package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.RejectedExecutionException;

/**
 * Cuts one connection's bytes into frames: four bytes of length, then as many bytes.
 *
 * <p>A frame that came whole with one read is handed on as a slice of what was read. A longer one gets a buffer of its
 * own, which the socket then fills directly ({@link #target}), so its bytes are copied once at most. That buffer grows
 * with what has really come, see {@link FrameLimits#firstBytes}. A connection that has already sent large frames gets the
 * next one's buffer at once.
 *
 * <p>Used on the connection's event loop alone.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final int LENGTH_BYTES = 4;
    /** What a frame gets at most on the word of earlier ones: above Kafka's default {@code max.request.size}. */
    private static final int TRUSTED_BYTES = 2 * 1024 * 1024;
    /** A buffer grows by this factor, so that a third of the frame is copied at most. */
    private static final int GROWTH = 4;
    /** From here on a connection's reads begin small, so that nearly all of the next frame goes to its own buffer. */
    private static final int LARGE_FRAME_BYTES = 8 * 1024;
    /** While memory is short, a frame that got less between two looks is given up. */
    private static final int LEAST_PROGRESS_BYTES = 16 * 1024;

    private final FrameSink sink;
    private final RequestMemory memory;
    private final StalledFrames stalled;
    private final FrameLimits limits;

    private ChannelHandlerContext context;
    /** What was read and is not part of {@link #frame}; bounded by what one read gives while the sink is not ready. */
    private ByteBuf unread;
    /** Length of the frame that has begun, or -1. */
    private int length = -1;
    /** The part of it that has come, unless all is in {@link #unread}. */
    private ByteBuf frame;

    private RequestMemory.Reservation reservation;
    private boolean waitsForMemory;
    private boolean decoding;
    private boolean ended;
    private int largestFrame;
    private boolean lastFrameWasLarge;
    private int progress;
    private boolean seenBefore;

    FrameDecoder(FrameSink sink, RequestMemory memory, StalledFrames stalled, FrameLimits limits) {
        this.sink = sink;
        this.memory = memory;
        this.stalled = stalled;
        this.limits = limits;
    }

    /** The buffer that the socket's next bytes belong to, to be read into directly; null if there is none. */
    ByteBuf target() {
        return frame != null && !waitsForMemory && unread == null && frame.isWritable() ? frame : null;
    }

    boolean expectsLargeFrame() {
        return lastFrameWasLarge;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var bytes = (ByteBuf) message;
        sink.readBegins();
        if (bytes == frame) {
            // Filled by the socket, which held a reference of its own.
            bytes.release();
        } else if (ended) {
            bytes.release();
        } else if (unread == null) {
            unread = bytes;
        } else {
            unread = merge(unread, bytes);
        }
        resume();
    }

    private ByteBuf merge(ByteBuf first, ByteBuf second) {
        var merged = context.alloc().directBuffer(first.readableBytes() + second.readableBytes());
        merged.writeBytes(first).writeBytes(second);
        first.release();
        second.release();
        return merged;
    }

    /** Goes on with what has been read, as far as the sink takes it. */
    void resume() {
        if (decoding) {
            return;
        }
        decoding = true;
        try {
            while (!ended && sink.isReady() && (length >= 0 || readLength()) && fill()) {
                deliver();
            }
        } finally {
            decoding = false;
            if (unread != null && (ended || !unread.isReadable())) {
                dropUnread();
            }
        }
    }

    private boolean readLength() {
        if (unread == null || unread.readableBytes() < LENGTH_BYTES) {
            return false;
        }
        var claimed = unread.readInt();
        if (claimed < 0 || claimed > limits.maxBytes()) {
            sink.refused(
                    RequestMetrics.Refusal.INVALID_REQUEST,
                    "a frame of " + claimed + " bytes, where at most " + limits.maxBytes() + " are allowed ("
                            + limits.setting() + ")");
            return false;
        }
        length = claimed;
        reservation = memory.reservation();
        seenBefore = false;
        progress = 0;
        return true;
    }

    /** Whether the frame is complete. */
    private boolean fill() {
        if (waitsForMemory) {
            return false;
        }
        if (frame == null) {
            var available = unread == null ? 0 : unread.readableBytes();
            if (available >= length) {
                return reservation.bytes() >= length
                        || granted(reservation.growForWholeFrame(length, this::memoryGranted));
            }
            var first = Math.min(length, Math.max(available, Math.max(limits.firstBytes(), largestFrame)));
            if (!reservationHolds(first)) {
                return false;
            }
            frame = context.alloc().directBuffer(first, length);
            stalled.add(this);
        }
        while (frame.readableBytes() < length) {
            if (!frame.isWritable()) {
                var larger = (int) Math.min(length, (long) frame.capacity() * GROWTH);
                if (!reservationHolds(larger)) {
                    return false;
                }
                frame.capacity(larger);
            }
            if (unread == null || !unread.isReadable()) {
                return false;
            }
            frame.writeBytes(unread, Math.min(unread.readableBytes(), frame.writableBytes()));
        }
        return true;
    }

    /** Whether the reservation is, or now grows to, that many bytes; if not, it will be waited for. */
    private boolean reservationHolds(int bytes) {
        var more = bytes - reservation.bytes();
        return more <= 0 || granted(reservation.grow(more, this::memoryGranted));
    }

    private boolean granted(boolean now) {
        if (now) {
            return true;
        }
        waitsForMemory = true;
        sink.memoryExhausted();
        stalled.watch();
        return false;
    }

    private void memoryGranted() {
        try {
            context.executor().execute(() -> {
                waitsForMemory = false;
                seenBefore = false;
                if (!ended) {
                    sink.memoryGranted();
                }
            });
        } catch (RejectedExecutionException e) {
            // The server stops: the connection's end gives the memory back.
        }
    }

    private void deliver() {
        ByteBuf whole;
        if (frame != null) {
            whole = frame;
            stalled.remove(this);
        } else {
            whole = unread.readRetainedSlice(length);
        }
        var memory = reservation;
        largestFrame = Math.min(TRUSTED_BYTES, Math.max(largestFrame, length));
        lastFrameWasLarge = length >= LARGE_FRAME_BYTES;
        frame = null;
        reservation = null;
        length = -1;
        sink.frame(whole, memory);
    }

    /** Called now and then while memory is short: a frame that does not grow gives its memory back. */
    private void look() {
        if (frame == null || waitsForMemory || ended) {
            return;
        }
        var grown = frame.readableBytes() - progress;
        if (seenBefore && grown < LEAST_PROGRESS_BYTES) {
            sink.refused(
                    RequestMetrics.Refusal.STALLED_REQUEST,
                    "a frame of which " + frame.readableBytes() + " of " + length
                            + " bytes have come, while memory for requests is used up");
            return;
        }
        seenBefore = true;
        progress = frame.readableBytes();
    }

    /** {@link #look}, from any thread. */
    void lookSoon() {
        context.executor().execute(this::look);
    }

    /** Drops what has come of the next frame and takes nothing more. */
    void end() {
        ended = true;
        stalled.remove(this);
        if (frame != null) {
            frame.release();
            frame = null;
        }
        if (reservation != null) {
            reservation.release();
            reservation = null;
        }
        if (!decoding && unread != null) {
            dropUnread();
        }
    }

    private void dropUnread() {
        unread.release();
        unread = null;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
    }
}
