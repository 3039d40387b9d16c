package io.odradek.raft;

import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A state machine that knows how many commands it has seen and which was the last; the invariants know the rest. */
final class ChainState implements ReplicatedState {
    private final String node;
    private final RaftInvariants invariants;
    private long commands;
    private long last;
    private long index;
    private long appliedIndex;

    ChainState(String node, RaftInvariants invariants) {
        this.node = node;
        this.invariants = invariants;
    }

    static byte[] command(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    long commands() {
        return commands;
    }

    @Override
    public void next(long next) {
        index = next;
    }

    @Override
    public long appliedIndex() {
        return appliedIndex;
    }

    @Override
    public byte[] apply(byte[] data, int offset, int length, boolean serializeResponse) {
        last = ByteBuffer.wrap(data, offset, length).getLong();
        commands++;
        appliedIndex = index;
        invariants.applied(node, commands, last);
        return null;
    }

    @Override
    public SnapshotDraft.Content content() {
        var content = ByteBuffer.allocate(24)
                .putLong(commands)
                .putLong(last)
                .putLong(appliedIndex)
                .array();
        return out -> out.write(content);
    }

    @Override
    public Restorable read(InputStream in) throws IOException {
        var content = in.readNBytes(24);
        if (content.length < 24 || in.read() >= 0) {
            throw new IOException("not a state");
        }
        var read = ByteBuffer.wrap(content);
        return new Restorable() {
            @Override
            public long appliedIndex() {
                return read.getLong(16);
            }

            @Override
            public void restore() {
                commands = read.getLong(0);
                last = read.getLong(8);
                appliedIndex = read.getLong(16);
                if (commands > 0) {
                    invariants.applied(node, commands, last);
                }
            }
        };
    }

    /** As jgroups-raft's own classes do it. */
    @Override
    public void writeContentTo(DataOutput out) throws IOException {
        out.writeLong(commands);
        out.writeLong(last);
        out.writeLong(appliedIndex);
    }

    @Override
    public void readContentFrom(DataInput in) throws IOException {
        var content = new byte[24];
        in.readFully(content);
        read(new ByteArrayInputStream(content)).restore();
    }
}
