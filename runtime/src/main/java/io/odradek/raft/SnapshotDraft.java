package io.odradek.raft;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A snapshot file that is being written, under a name that a restart deletes. Room is left for its header, which comes last: it
 * says what the content is and which segments it makes void, and without it nobody reads the file.
 *
 * <p>Used by one thread at a time: by one that writes until it is {@link #complete}, then by Raft's. A failure stops the node
 * ({@link FailStop}).
 */
final class SnapshotDraft {
    private final LogStorage storage;
    private final LogIdentity owner;
    private final FailStop failStop;
    private final String name;
    private final long index;
    private final long term;
    private final int start;
    private final CRC32C crc = new CRC32C();
    private Optional<LogFile> file = Optional.empty();
    private int length;
    private boolean ended;

    @FunctionalInterface
    private interface Io<T> {
        T run() throws IOException;
    }

    /** What writes a content. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * @param kind tells drafts apart of which there may be one each at a time
     * @param index of the last entry that it covers
     * @param term of that entry
     */
    SnapshotDraft(LogStorage storage, LogIdentity owner, FailStop failStop, String kind, long index, long term) {
        this.storage = storage;
        this.owner = owner;
        this.failStop = failStop;
        this.name = SnapshotFile.NAME + "-" + kind + Journal.TEMPORARY_SUFFIX;
        this.index = index;
        this.term = term;
        this.start = header(0).length;
    }

    private byte[] header(long firstSegment) {
        return new FileHeader.OfSnapshot(owner, index, term, firstSegment, length, (int) crc.getValue()).encode();
    }

    long index() {
        return index;
    }

    long term() {
        return term;
    }

    /** Of what was written so far. */
    SnapshotId id() {
        return new SnapshotId(index, term, length, (int) crc.getValue());
    }

    /** Appends to the content. */
    void write(byte[] bytes, int offset, int size) {
        io("writing", () -> {
            append(bytes, offset, size);
            return null;
        });
    }

    /** Writes the whole content. */
    void write(Content content) {
        io("writing", () -> {
            try (var out = LogFileStreams.write(this::append)) {
                content.writeTo(out);
            }
            return null;
        });
    }

    private void append(byte[] bytes, int offset, int size) throws IOException {
        failStop.check();
        if (size > Integer.MAX_VALUE - start - length) {
            throw new IOException("a snapshot of more than " + Integer.MAX_VALUE + " bytes");
        }
        if (file.isEmpty()) {
            file = Optional.of(storage.create(name));
        }
        for (int done = 0; done < size; ) {
            int written = file.orElseThrow().write((long) start + length + done, bytes, offset + done, size - done);
            if (written <= 0) {
                throw new IOException("wrote " + written + " of " + (size - done) + " bytes");
            }
            done += written;
        }
        crc.update(bytes, offset, size);
        length += size;
    }

    /** Makes the content durable, and sees whether it can be read back. */
    void complete() {
        io("writing", () -> {
            var written = file.orElseThrow(() -> new IOException("a snapshot without content"));
            written.sync();
            if (SnapshotFile.crc(content(written)) != (int) crc.getValue()) {
                throw new IOException("what is read back is not what was written");
            }
            return null;
        });
    }

    InputStream content() {
        return content(file.orElseThrow());
    }

    private InputStream content(LogFile written) {
        return LogFileStreams.read(written, start, (long) start + length);
    }

    /**
     * Puts it in the place of the snapshot that there is; that one stays valid when this fails.
     *
     * @param firstSegment segments before it are void then
     */
    void install(long firstSegment) {
        io("installing", () -> {
            var written = file.orElseThrow();
            Journal.writeFully(written, 0, header(firstSegment));
            written.sync();
            storage.rename(name, SnapshotFile.NAME);
            storage.syncDirectory();
            close();
            return null;
        });
    }

    /** Deletes it. */
    void discard() {
        if (file.isPresent() && !ended) {
            io("discarding", () -> {
                close();
                storage.delete(name);
                return null;
            });
        }
    }

    private void close() throws IOException {
        ended = true;
        file.orElseThrow().close();
    }

    private <T> T io(String what, Io<T> operation) {
        failStop.check();
        try {
            return operation.run();
        } catch (IOException | RuntimeException | Error e) {
            file.ifPresent(SnapshotDraft::closeQuietly);
            throw failStop.fail(
                    "Raft log " + storage.location() + ": " + what + " the snapshot failed (" + FailStop.reason(e)
                            + ")",
                    e);
        }
    }

    private static void closeQuietly(LogFile file) {
        try {
            file.close();
        } catch (IOException ignored) {
            // Why it is being closed matters more.
        }
    }
}
