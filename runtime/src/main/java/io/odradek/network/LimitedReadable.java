package io.odradek.network;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Reads a request and counts the objects that it makes. A frame of the largest size made of empty strings or structures
 * would take some fifty times its size on the heap; the generated classes only check that a collection's length does
 * not exceed the bytes that are left.
 */
final class LimitedReadable extends ByteBufferAccessor {
    /** Collection elements, strings and unknown tagged fields of one request; some hundred megabytes at the worst. */
    static final int MAX_OBJECTS = 1 << 20;

    private int left = MAX_OBJECTS;
    private int lastLength;

    LimitedReadable(ByteBuffer buffer) {
        super(buffer);
    }

    /** Asked by the generated classes just after they read a collection's length, and before they allocate it. */
    @Override
    public int remaining() {
        var length = lastLength;
        lastLength = 0;
        if (length > 0) {
            count(length);
        }
        return super.remaining();
    }

    @Override
    public int readInt() {
        return lastLength = super.readInt();
    }

    @Override
    public int readUnsignedVarint() {
        var value = super.readUnsignedVarint();
        lastLength = value - 1;
        return value;
    }

    @Override
    public byte[] readArray(int size) {
        count(1);
        return super.readArray(size);
    }

    @Override
    public List<RawTaggedField> readUnknownTaggedField(List<RawTaggedField> unknowns, int tag, int size) {
        count(1);
        return super.readUnknownTaggedField(unknowns, tag, size);
    }

    private void count(int objects) {
        if (objects > left) {
            throw new InvalidRequestException("a request of more than " + MAX_OBJECTS + " elements");
        }
        left -= objects;
    }
}
