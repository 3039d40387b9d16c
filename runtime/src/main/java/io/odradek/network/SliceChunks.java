package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import io.odradek.log.LogSlice;

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
    public ByteBuf readChunk(ByteBufAllocator allocator) {
        var bytes = Math.min(CHUNK_BYTES, slice.sizeInBytes() - sent);
        var chunk = SliceBytes.read(slice, sent, bytes, allocator);
        sent += bytes;
        return chunk;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface wants it still
    public ByteBuf readChunk(ChannelHandlerContext context) {
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
