package io.odradek.log;

import java.nio.ByteBuffer;

/** Small direct buffers for reading headers and index entries, two per thread; their content lasts until the next use. */
final class Scratch {
    /** Enough for the batches between two index entries, when they are small. */
    static final int WINDOW_BYTES = 8 * 1024;

    private static final ThreadLocal<ByteBuffer> SMALL = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(64));
    private static final ThreadLocal<ByteBuffer> WINDOW =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(WINDOW_BYTES));

    private Scratch() {}

    static ByteBuffer small() {
        return SMALL.get();
    }

    static ByteBuffer window() {
        return WINDOW.get().clear();
    }
}
