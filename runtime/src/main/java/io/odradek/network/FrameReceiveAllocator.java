package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Decides where one connection's next read goes: into the buffer of the frame that has begun, if there is one, else into
 * a new buffer for whatever comes. That one is small behind a large frame, and grows when reads fill it with small
 * frames.
 */
final class FrameReceiveAllocator extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int SMALL_READ_BYTES = 1024;
    private static final int LARGE_READ_BYTES = 16 * 1024;

    private final FrameDecoder decoder;

    FrameReceiveAllocator(FrameDecoder decoder) {
        this.decoder = decoder;
    }

    @Override
    @SuppressWarnings("deprecation") // what replaces the return type is not what the superclass declares
    public Handle newHandle() {
        return new FrameHandle();
    }

    private final class FrameHandle extends MaxMessageHandle {
        private boolean lastReadFilled;

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            var target = decoder.target();
            return target != null ? target.retain() : allocator.directBuffer(guess());
        }

        @Override
        public int guess() {
            return lastReadFilled && !decoder.expectsLargeFrame() ? LARGE_READ_BYTES : SMALL_READ_BYTES;
        }

        @Override
        public void lastBytesRead(int bytes) {
            if (bytes > 0) {
                lastReadFilled = bytes == attemptedBytesRead() || bytes >= SMALL_READ_BYTES;
            }
            super.lastBytesRead(bytes);
        }
    }
}
