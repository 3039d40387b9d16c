package io.odradek.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jgroups.Global;
import org.jgroups.Header;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.util.Bits;

/** A member asks for a piece of a snapshot, or the leader sends one: of a certain snapshot, from a certain position. */
public final class SnapshotMessage extends RaftHeader {
    private static final short MAGIC = 3052;

    /** As {@link ElectionMessage#register}. */
    static void register() {
        ClassConfigurator.addIfAbsent(MAGIC, SnapshotMessage.class);
    }

    enum Kind {
        FETCH,
        /** The message's payload is the piece. */
        PIECE
    }

    private Kind kind = Kind.FETCH;
    private SnapshotId snapshot = SnapshotId.NONE;
    private int position;
    private int number;

    /** For JGroups, which then reads it. */
    public SnapshotMessage() {}

    private SnapshotMessage(Kind kind, long term, SnapshotId snapshot, int position, int number) {
        super(term);
        this.kind = kind;
        this.snapshot = snapshot;
        this.position = position;
        this.number = number;
    }

    static SnapshotMessage fetch(long term, SnapshotId snapshot, int position, int bytes) {
        return new SnapshotMessage(Kind.FETCH, term, snapshot, position, bytes);
    }

    /** @param crc CRC32C of the piece */
    static SnapshotMessage piece(long term, SnapshotId snapshot, int position, int crc) {
        return new SnapshotMessage(Kind.PIECE, term, snapshot, position, crc);
    }

    Kind kind() {
        return kind;
    }

    SnapshotId id() {
        return snapshot;
    }

    int position() {
        return position;
    }

    /** How many are wanted. */
    int bytes() {
        return number;
    }

    /** Of the piece. */
    int crc() {
        return number;
    }

    @Override
    public short getMagicId() {
        return MAGIC;
    }

    @Override
    public Supplier<? extends Header> create() {
        return SnapshotMessage::new;
    }

    @Override
    public int serializedSize() {
        return super.serializedSize()
                + 1
                + Bits.size(snapshot.index())
                + Bits.size(snapshot.term())
                + 4 * Global.INT_SIZE;
    }

    @Override
    public void writeTo(DataOutput out) throws IOException {
        super.writeTo(out);
        out.writeByte(kind.ordinal());
        Bits.writeLongCompressed(snapshot.index(), out);
        Bits.writeLongCompressed(snapshot.term(), out);
        out.writeInt(snapshot.length());
        out.writeInt(snapshot.crc());
        out.writeInt(position);
        out.writeInt(number);
    }

    @Override
    public void readFrom(DataInput in) throws IOException, ClassNotFoundException {
        super.readFrom(in);
        kind = Kind.values()[Objects.checkIndex(in.readByte(), Kind.values().length)];
        snapshot = new SnapshotId(Bits.readLongCompressed(in), Bits.readLongCompressed(in), in.readInt(), in.readInt());
        position = in.readInt();
        number = in.readInt();
    }

    @Override
    public String toString() {
        return kind + " term=" + currTerm() + " " + snapshot + " position=" + position;
    }
}
