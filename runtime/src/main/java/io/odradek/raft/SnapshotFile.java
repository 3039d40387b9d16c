package io.odradek.raft;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A snapshot file, open for reading, one thread at a time. It tells which entry it covers and which segments it makes void: so
 * that renaming it into place makes the snapshot and the truncation of the log valid at once. It stays what it is when another
 * takes its place.
 */
final class SnapshotFile implements Closeable {
    static final String NAME = "snapshot";
    /** More than any header has. */
    private static final int HEADER_BYTES = 1 << 17;

    private final LogFile file;
    private final String path;
    private final SnapshotId id;
    private final long firstSegment;
    private final int start;

    private SnapshotFile(LogFile file, String path, FileHeader.OfSnapshot header, int start) {
        this.file = file;
        this.path = path;
        this.id = new SnapshotId(header.index(), header.term(), header.length(), header.crc());
        this.firstSegment = header.firstSegment();
        this.start = start;
    }

    /**
     * Opens it if there is one. Its header and length are checked, its content is not.
     *
     * @throws RaftException when it is damaged or not this node's
     */
    static Optional<SnapshotFile> open(LogStorage storage, LogIdentity owner) throws IOException {
        LogFile file;
        try {
            file = storage.open(NAME);
        } catch (NoSuchFileException | FileNotFoundException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(open(file, storage.location() + "/" + NAME, owner));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static SnapshotFile open(LogFile file, String path, LogIdentity owner) throws IOException {
        long size = file.size();
        var beginning = new byte[(int) Math.min(size, HEADER_BYTES)];
        readFully(file, 0, beginning);
        if (!(FileHeader.decode(path, beginning, owner) instanceof FileHeader.OfSnapshot header)) {
            throw FileHeader.damaged(path, "not a snapshot");
        }
        int start = FileHeader.length(beginning);
        if (size - start != header.length()) {
            throw FileHeader.damaged(path, start, (size - start) + " bytes of " + header.length());
        }
        return new SnapshotFile(file, path, header, start);
    }

    SnapshotId id() {
        return id;
    }

    /** Segments before it are void. */
    long firstSegment() {
        return firstSegment;
    }

    /** @throws RaftException when the content is not as it was written */
    SnapshotFile verify() throws IOException {
        if (crc(content()) != id.crc()) {
            throw FileHeader.damaged(path, start, "snapshot checksum");
        }
        return this;
    }

    InputStream content() {
        return LogFileStreams.read(file, start, (long) start + id.length());
    }

    /** A piece of the content, shorter at its end. */
    byte[] read(int position, int length) throws IOException {
        var piece = new byte[Math.max(0, Math.min(length, id.length() - position))];
        readFully(file, (long) start + position, piece);
        return piece;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return path;
    }

    static int crc(InputStream content) throws IOException {
        var crc = new CRC32C();
        var buffer = new byte[1 << 16];
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            crc.update(buffer, 0, read);
        }
        return (int) crc.getValue();
    }

    private static void readFully(LogFile file, long position, byte[] target) throws IOException {
        for (int done = 0; done < target.length; ) {
            int read = file.read(position + done, target, done, target.length - done);
            if (read <= 0) {
                throw new IOException("the file ends at " + (position + done));
            }
            done += read;
        }
    }
}
