package io.odradek.raft;

import java.util.concurrent.CompletableFuture;
import org.jgroups.protocols.raft.LogEntry;

/** An entry that somebody wants in the log; the future completes once it is applied here, or nobody knows whether it will be. */
final class Proposal {
    private final byte[] bytes;
    private final int offset;
    private final int length;
    private final boolean internal;
    private final CompletableFuture<byte[]> future = new CompletableFuture<>();

    Proposal(byte[] bytes, boolean internal) {
        this(bytes, 0, bytes.length, internal);
    }

    Proposal(byte[] bytes, int offset, int length, boolean internal) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
        this.internal = internal;
    }

    LogEntry entry(long term) {
        return new LogEntry(term, bytes, offset, length, internal);
    }

    CompletableFuture<byte[]> future() {
        return future;
    }
}
