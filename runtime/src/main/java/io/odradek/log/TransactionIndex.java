package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * The aborted transactions whose marker is in a segment, in the order of their markers. The file exists only if there is
 * one. An entry of Kafka's version 0: version (2 bytes), producer id, first offset, last offset, last stable offset (8
 * each).
 */
final class TransactionIndex {
    static final int ENTRY_SIZE = 34;
    private static final short VERSION = 0;

    private final LogFile file;
    private int entries;

    TransactionIndex(LogFile file) throws IOException {
        this.file = file;
        this.entries = file.exists() ? (int) (Files.size(file.path()) / ENTRY_SIZE) : 0;
    }

    LogFile file() {
        return file;
    }

    /** Written at once: aborts are rare, and a lost entry would make a consumer see aborted records. */
    synchronized void append(AbortedTxn txn) throws IOException {
        var entry = ByteBuffer.allocate(ENTRY_SIZE)
                .putShort(VERSION)
                .putLong(txn.producerId())
                .putLong(txn.firstOffset())
                .putLong(txn.lastOffset())
                .putLong(txn.lastStableOffset())
                .flip();
        var channel = file.acquireOrCreate();
        try {
            ChannelIo.write(channel, entry, (long) entries * ENTRY_SIZE);
        } finally {
            file.release();
        }
        entries++;
    }

    synchronized List<AbortedTxn> all() throws IOException {
        if (entries == 0) {
            return List.of();
        }
        var bytes = ByteBuffer.allocate(entries * ENTRY_SIZE);
        var channel = file.acquire();
        try {
            ChannelIo.readFully(channel, bytes, 0);
        } finally {
            file.release();
        }
        bytes.flip();
        var result = new ArrayList<AbortedTxn>(entries);
        while (bytes.hasRemaining()) {
            var version = bytes.getShort();
            if (version != VERSION) {
                throw new IOException(file.path() + " has an entry of unknown version " + version);
            }
            result.add(new AbortedTxn(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong()));
        }
        return result;
    }

    /** Drops the transactions whose marker is at or beyond {@code offset}. */
    synchronized void truncateTo(long offset) throws IOException {
        var keep = 0;
        for (var txn : all()) {
            if (txn.lastOffset() >= offset) {
                break;
            }
            keep++;
        }
        if (keep < entries) {
            var channel = file.acquire();
            try {
                channel.truncate((long) keep * ENTRY_SIZE);
            } finally {
                file.release();
            }
            entries = keep;
        }
    }

    /** Drops all transactions, whatever the file holds. */
    synchronized void reset() throws IOException {
        entries = 0;
        if (file.exists()) {
            var channel = file.acquire();
            try {
                channel.truncate(0);
            } finally {
                file.release();
            }
        }
    }

    synchronized void force() throws IOException {
        if (entries > 0) {
            var channel = file.acquire();
            try {
                channel.force(true);
            } finally {
                file.release();
            }
        }
    }

    /** Whether the file can be an index: whole entries of the known version, markers in order, within the segment. */
    static boolean isSane(LogFile file, long baseOffset) throws IOException {
        if (!file.exists()) {
            return true;
        }
        if (Files.size(file.path()) % ENTRY_SIZE != 0) {
            return false;
        }
        try {
            var last = baseOffset - 1;
            for (var txn : new TransactionIndex(file).all()) {
                if (txn.lastOffset() <= last || txn.firstOffset() > txn.lastOffset()) {
                    return false;
                }
                last = txn.lastOffset();
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
