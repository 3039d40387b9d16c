package io.odradek.raft;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jgroups.protocols.raft.InternalCommand;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.util.Bits;
import org.jgroups.util.ByteArrayDataInputStream;

/** An entry for Raft itself, in the format of jgroups-raft's {@link InternalCommand}, whose name cannot be read. */
record InternalEntry(InternalCommand.Type type, String voter) {
    /** Of a new leader: with it, everything before it is committed (Raft §8). */
    static final InternalEntry NO_OP = new InternalEntry(InternalCommand.Type.noop, "");

    byte[] encode() {
        var bytes = new ByteArrayOutputStream();
        try {
            var out = new DataOutputStream(bytes);
            out.writeByte(type.ordinal());
            Bits.writeString(voter, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot be: it is memory
        }
        return bytes.toByteArray();
    }

    static InternalEntry decode(LogEntry entry) {
        var in = new ByteArrayDataInputStream(entry.command(), entry.offset(), entry.length());
        try {
            return new InternalEntry(InternalCommand.Type.values()[in.readUnsignedByte()], Bits.readString(in));
        } catch (IOException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalStateException("an internal entry that cannot be read", e);
        }
    }

    VoterSet change(VoterSet voters) {
        return switch (type) {
            case addServer -> voters.with(voter);
            case removeServer -> voters.without(voter);
            case noop -> voters;
        };
    }
}
