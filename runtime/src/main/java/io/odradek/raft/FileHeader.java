package io.odradek.raft;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The start of every file: magic (8 bytes), format version (4), body length (4), CRC32C (4) of what stands before and after
 * it, four zero bytes, the body, zeros up to a multiple of eight. This envelope stays as it is in every format, so that a
 * newer one is told from a damaged one. The body begins with the owner (cluster id, node id).
 */
sealed interface FileHeader {
    int FORMAT = 1;
    long MAGIC = 0x4f444b5241465421L; // "ODKRAFT!"
    int ENVELOPE = 24;

    LogIdentity owner();

    /**
     * Of a segment file.
     *
     * @param number counts from 1, stands in the file's name too
     * @param firstSequence the number of its first frame
     * @param term the term when it was begun; with the vote, what older segments may be deleted for
     * @param vote the vote in that term, empty without one
     * @param commitIndex when it was begun
     */
    record OfSegment(LogIdentity owner, long number, long firstSequence, long term, byte[] vote, long commitIndex)
            implements FileHeader {}

    /**
     * Of a snapshot file; the data follow it.
     *
     * @param index of the last entry that the data contain
     * @param term of that entry
     * @param firstSegment segments before it are void
     * @param crc CRC32C of the data
     */
    record OfSnapshot(LogIdentity owner, long index, long term, long firstSegment, int length, int crc)
            implements FileHeader {}

    /** Size of the header that starts this file. */
    static int length(byte[] file) {
        return pad(ENVELOPE + ByteBuffer.wrap(file).getInt(12));
    }

    static int pad(int length) {
        return (length + 7) & ~7;
    }

    default byte[] encode() {
        var body = body();
        var header = ByteBuffer.allocate(pad(ENVELOPE + body.length));
        header.putLong(MAGIC).putInt(FORMAT).putInt(body.length).position(ENVELOPE);
        header.put(body);
        header.putInt(16, crc(header.array()));
        return header.array();
    }

    /**
     * Reads and checks the header.
     *
     * @param name of the file, for the message
     * @throws RaftException when it is damaged, of a newer format or another owner's
     */
    static FileHeader decode(String name, byte[] file, LogIdentity expected) {
        var bytes = ByteBuffer.wrap(file);
        if (file.length < ENVELOPE || bytes.getLong(0) != MAGIC) {
            throw damaged(name, "no header");
        }
        int bodyLength = bytes.getInt(12);
        if (bodyLength < 0 || bodyLength > file.length - ENVELOPE || pad(ENVELOPE + bodyLength) > file.length) {
            throw damaged(name, "header of " + bodyLength + " bytes");
        }
        if (crc(Arrays.copyOf(file, pad(ENVELOPE + bodyLength))) != bytes.getInt(16)) {
            throw damaged(name, "header checksum");
        }
        int format = bytes.getInt(8);
        if (format > FORMAT) {
            throw new RaftException("Raft log " + name + " has format " + format + ", this version reads up to "
                    + FORMAT + ": written by a newer version");
        }
        FileHeader header;
        try {
            header = read(new DataInputStream(new ByteArrayInputStream(file, ENVELOPE, bodyLength)));
        } catch (IOException e) {
            throw damaged(name, "header content");
        }
        if (!header.owner().clusterId().equals(expected.clusterId())) {
            throw new RaftException("Raft log " + name + " belongs to cluster "
                    + header.owner().clusterId() + ", not to " + expected.clusterId());
        }
        if (header.owner().nodeId() != expected.nodeId()) {
            throw new RaftException("Raft log " + name + " belongs to node "
                    + header.owner().nodeId() + ", not to node " + expected.nodeId());
        }
        return header;
    }

    static DamagedFileException damaged(String name, String reason) {
        return damaged(name, 0, reason);
    }

    static DamagedFileException damaged(String name, int position, String reason) {
        return new DamagedFileException(
                "Raft log " + name + " is damaged at position " + position + " (" + reason + ")");
    }

    private static int crc(byte[] header) {
        var crc = new CRC32C();
        crc.update(header, 0, 16);
        crc.update(header, 20, header.length - 20);
        return (int) crc.getValue();
    }

    private byte[] body() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeUTF(owner().clusterId());
            out.writeInt(owner().nodeId());
            if (this instanceof OfSegment segment) {
                out.writeByte(1);
                out.writeLong(segment.number());
                out.writeLong(segment.firstSequence());
                out.writeLong(segment.term());
                out.writeShort(segment.vote().length);
                out.write(segment.vote());
                out.writeLong(segment.commitIndex());
            } else if (this instanceof OfSnapshot snapshot) {
                out.writeByte(2);
                out.writeLong(snapshot.index());
                out.writeLong(snapshot.term());
                out.writeLong(snapshot.firstSegment());
                out.writeInt(snapshot.length());
                out.writeInt(snapshot.crc());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot be: it is memory
        }
        return bytes.toByteArray();
    }

    private static FileHeader read(DataInputStream in) throws IOException {
        var owner = new LogIdentity(in.readUTF(), in.readInt());
        int kind = in.readByte();
        return switch (kind) {
            case 1 ->
                new OfSegment(
                        owner,
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        in.readNBytes(in.readShort()),
                        in.readLong());
            case 2 -> new OfSnapshot(owner, in.readLong(), in.readLong(), in.readLong(), in.readInt(), in.readInt());
            default -> throw new IOException("kind " + kind);
        };
    }
}
