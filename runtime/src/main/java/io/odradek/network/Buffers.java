package io.odradek.network;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;

/** Where the buffers of the server and of the client between brokers come from. */
final class Buffers {
    /** Frames and responses up to a chunk's size are pooled; Quarkus sets Netty's own default down to 64 KiB. */
    private static final int CHUNK_ORDER = 9;

    private static final int PAGE_BYTES = 8192;
    /** A thread keeps that many freed buffers of a size for itself. */
    private static final int CACHED_SMALL = 64;

    private static final int CACHED_NORMAL = 16;

    private Buffers() {}

    /** One arena per loop, chunks of 4 MiB, nothing on the heap. */
    static PooledByteBufAllocator allocator(int threads) {
        return new PooledByteBufAllocator(
                true, 0, threads, PAGE_BYTES, CHUNK_ORDER, CACHED_SMALL, CACHED_NORMAL, false);
    }

    /** Of what was allocated there: what is in use, or freed and kept by a thread for its next. */
    static long inUse(PooledByteBufAllocator allocator) {
        return allocator.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }
}
