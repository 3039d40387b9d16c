package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;

/** Makes the bytes of a request to another broker, its length first. */
final class RequestEncoder {
    private static final int LENGTH_BYTES = 4;

    private RequestEncoder() {}

    /** @return to be released by who sends it */
    static ByteBuf encode(RequestHeader header, AbstractRequest request, ByteBufAllocator allocator) {
        var cache = new ObjectSerializationCache();
        var size = new MessageSizeAccumulator();
        header.data().addSize(size, cache, header.headerVersion());
        request.data().addSize(size, cache, request.version());

        var buffer = allocator.directBuffer(LENGTH_BYTES + size.totalSize());
        try {
            var out = new ByteBufferAccessor(buffer.nioBuffer(0, LENGTH_BYTES + size.totalSize()));
            out.writeInt(size.totalSize());
            header.data().write(out, cache, header.headerVersion());
            request.data().write(out, cache, request.version());
            return buffer.writerIndex(out.buffer().position());
        } catch (Throwable e) {
            buffer.release();
            throw e;
        }
    }
}
