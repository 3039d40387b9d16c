package io.odradek.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.odradek.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ResponseHeader;

/**
 * Makes the bytes of one response: a buffer of exactly the size of what has to be written out, cut where records come in
 * between, which are not copied.
 */
final class ResponseEncoder extends ByteBufferAccessor {
    /**
     * What is to be written, in this order.
     *
     * @param parts {@link ByteBuf}s, to be released, and {@link LogSlice}s, to be closed
     */
    record Encoded(List<Object> parts, int sizeInBytes) {}

    private static final int LENGTH_BYTES = 4;
    /** Smaller slices are read here and go out with what is around them: a system call of their own costs more. */
    private static final int COPIED_SLICE_BYTES = 16 * 1024;

    private final ByteBuf buffer;
    private final List<Object> parts = new ArrayList<>(1);
    private int cut;

    private ResponseEncoder(ByteBuf buffer) {
        super(buffer.nioBuffer(0, buffer.capacity()));
        this.buffer = buffer;
    }

    /**
     * @param version of the response's body
     * @return what the caller now has to release and close; on an exception that is only the response's own records
     */
    static Encoded encode(ResponseHeader header, AbstractResponse response, short version, ByteBufAllocator allocator) {
        var cache = new ObjectSerializationCache();
        var size = new MessageSizeAccumulator();
        header.data().addSize(size, cache, header.headerVersion());
        response.data().addSize(size, cache, version);

        var encoder = new ResponseEncoder(allocator.directBuffer(LENGTH_BYTES + size.sizeExcludingZeroCopy()));
        try {
            encoder.writeInt(size.totalSize());
            header.data().write(encoder, cache, header.headerVersion());
            response.data().write(encoder, cache, version);
            encoder.finish();
        } catch (Throwable e) {
            encoder.abandon();
            throw e;
        }
        return new Encoded(encoder.parts, LENGTH_BYTES + size.totalSize());
    }

    @Override
    public void writeByteBuffer(ByteBuffer bytes) {
        if (bytes.hasRemaining()) {
            cutOff();
            parts.add(Unpooled.wrappedBuffer(bytes));
        }
    }

    @Override
    public void writeRecords(BaseRecords records) {
        if (!(records instanceof LogSlice slice)) {
            super.writeRecords(records);
        } else if (slice.isEmpty()) {
            slice.close();
        } else {
            cutOff();
            parts.add(slice.sizeInBytes() <= COPIED_SLICE_BYTES ? read(slice) : slice);
        }
    }

    private ByteBuf read(LogSlice slice) {
        var bytes = SliceBytes.read(slice, 0, slice.sizeInBytes(), buffer.alloc());
        slice.close();
        return bytes;
    }

    private void cutOff() {
        var end = buffer().position();
        if (end > cut) {
            parts.add(buffer.retainedSlice(cut, end - cut));
            cut = end;
        }
    }

    private void finish() {
        var end = buffer().position();
        if (cut == 0) {
            parts.add(buffer.writerIndex(end));
        } else {
            cutOff();
            buffer.release();
        }
    }

    private void abandon() {
        for (var part : parts) {
            if (part instanceof ByteBuf bytes) {
                bytes.release();
            }
        }
        buffer.release();
    }
}
