package io.odradek.network;

import io.netty.buffer.ByteBuf;

/** Takes the frames of one connection. Called on its event loop. */
interface FrameSink {
    /** Bytes have come; the end of this read is told by {@code channelReadComplete}. */
    void readBegins();

    /** Whether the next frame would be taken now. If not, {@link FrameDecoder#resume} is called when it would be. */
    boolean isReady();

    /**
     * A whole frame without its length. The receiver releases both.
     *
     * @param memory holds the frame's bytes
     */
    void frame(ByteBuf frame, RequestMemory.Reservation memory);

    /** Memory is used up: nothing must be read until {@link #memoryGranted}. */
    void memoryExhausted();

    void memoryGranted();

    /** The stream makes no sense, or does not go on. Nothing more comes. */
    void refused(RequestMetrics.Refusal reason, String why);
}
