package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import io.odradek.log.LogSlice;
import java.io.EOFException;
import java.io.IOException;

/** A slice of a log, read piece by piece as the connection takes it: where bytes must be encrypted on their way. */
final class SliceChunks implements ChunkedInput<ByteBuf> {
    /** Four TLS records, less what the handler below keeps unwritten before it asks for no more. */
    static final int CHUNK_BYTES = 64 * 1024;

    private final LogSlice slice;
    private int sent;

    SliceChunks(LogSlice slice) {
        this.slice = slice;
    }

    @Override
    public boolean isEndOfInput() {
        return sent == slice.sizeInBytes();
    }

    @Override
    public void close() {
        slice.close();
    }

    @Override
    public ByteBuf readChunk(ByteBufAllocator allocator) throws IOException {
        var bytes = Math.min(CHUNK_BYTES, slice.sizeInBytes() - sent);
        var chunk = allocator.directBuffer(bytes, bytes);
        try {
            while (chunk.isWritable()) {
                var read = chunk.writeBytes(
                        slice.channel(), slice.position() + sent + chunk.readableBytes(), chunk.writableBytes());
                if (read < 0) {
                    throw new EOFException("a log segment ends within a slice of it");
                }
            }
        } catch (Throwable e) {
            chunk.release();
            throw e;
        }
        sent += bytes;
        return chunk;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface wants it still
    public ByteBuf readChunk(ChannelHandlerContext context) throws IOException {
        return readChunk(context.alloc());
    }

    @Override
    public long length() {
        return slice.sizeInBytes();
    }

    @Override
    public long progress() {
        return sent;
    }
}
