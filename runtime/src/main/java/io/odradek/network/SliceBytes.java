package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.odradek.log.LogSlice;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads bytes of a slice, for when they cannot or need not go from the file to the socket directly. */
final class SliceBytes {
    private SliceBytes() {}

    /**
     * @param offset within the slice
     * @return the bytes, to be released; the slice stays open
     * @throws UncheckedIOException the file cannot be read, or ends before the slice does
     */
    static ByteBuf read(LogSlice slice, int offset, int count, ByteBufAllocator allocator) {
        var bytes = allocator.directBuffer(count, count);
        try {
            while (bytes.isWritable()) {
                var position = slice.position() + offset + bytes.readableBytes();
                if (bytes.writeBytes(slice.channel(), position, bytes.writableBytes()) < 0) {
                    throw new EOFException("a log segment ends within a slice of it");
                }
            }
            return bytes;
        } catch (IOException e) {
            bytes.release();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            bytes.release();
            throw e;
        }
    }
}
