package io.odradek.raft;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The state machine up to an entry, in one file that replaces its predecessor by a rename. That rename is also what truncates the
 * log: entries up to the index are void from then on, and so is every segment before {@code firstSegment}.
 */
record Snapshot(long index, long term, long firstSegment, ByteBuffer data) {
    static final String FILE = "snapshot";

    /**
     * @throws RaftException when it is damaged or not this node's
     */
    static Optional<Snapshot> read(LogStorage storage, LogIdentity owner) throws IOException {
        byte[] file;
        try {
            file = storage.read(FILE);
        } catch (NoSuchFileException | FileNotFoundException e) {
            return Optional.empty();
        }
        var name = storage.location() + "/" + FILE;
        if (!(FileHeader.decode(name, file, owner) instanceof FileHeader.OfSnapshot header)) {
            throw FileHeader.damaged(name, "not a snapshot");
        }
        int start = FileHeader.length(file);
        if (file.length - start != header.length()) {
            throw FileHeader.damaged(name, start, (file.length - start) + " bytes of " + header.length());
        }
        var data = ByteBuffer.wrap(file, start, header.length()).slice();
        if (crc(data) != header.crc()) {
            throw FileHeader.damaged(name, start, "snapshot checksum");
        }
        return Optional.of(new Snapshot(header.index(), header.term(), header.firstSegment(), data));
    }

    /** Durable and valid when it returns; with the old snapshot and log still valid when it fails. */
    void write(LogStorage storage, LogIdentity owner) throws IOException {
        var content = new byte[data.remaining()];
        data.duplicate().get(content);
        var header = new FileHeader.OfSnapshot(owner, index, term, firstSegment, content.length, crc(data)).encode();
        var temporary = FILE + Journal.TEMPORARY_SUFFIX;
        try (var file = storage.create(temporary)) {
            Journal.writeFully(file, 0, header);
            Journal.writeFully(file, header.length, content);
            file.sync();
        }
        storage.rename(temporary, FILE);
        storage.syncDirectory();
    }

    private static int crc(ByteBuffer data) {
        var crc = new CRC32C();
        crc.update(data.duplicate());
        return (int) crc.getValue();
    }
}
