package io.odradek.raft;

import io.odradek.metadata.Command;
import io.odradek.metadata.CommandCodec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/**
 * The commands of one Raft entry, with who proposed it and which of its entries it is, so that the proposer recognises it when it is
 * applied. Without commands it is a barrier: once it is applied, everything committed before it is.
 *
 * <p>It was given to the leader of one term, and is void if it got into the log in another. So a proposer that has applied an
 * entry of a later term knows that those it gave to earlier leaders are applied, or never will be, and may propose them again:
 * nothing is applied twice.
 *
 * @param sequence counts the proposer's entries
 * @param term the only one in which it counts
 */
record Entry(UUID proposer, long sequence, long term, List<Command<?>> commands) {
    private static final int HEADER = 32;

    boolean isBarrier() {
        return commands.isEmpty();
    }

    byte[] encode() {
        var content = commands.isEmpty() ? new byte[0] : CommandCodec.encode(commands);
        return ByteBuffer.allocate(HEADER + content.length)
                .putLong(proposer.getMostSignificantBits())
                .putLong(proposer.getLeastSignificantBits())
                .putLong(sequence)
                .putLong(term)
                .put(content)
                .array();
    }

    /** @throws io.odradek.metadata.UnknownFormatException for commands of a newer version */
    static Entry decode(byte[] bytes, int offset, int length) {
        var header = ByteBuffer.wrap(bytes, offset, length);
        var proposer = new UUID(header.getLong(), header.getLong());
        long sequence = header.getLong();
        long term = header.getLong();
        List<Command<?>> commands =
                length == HEADER ? List.of() : CommandCodec.decode(bytes, offset + HEADER, length - HEADER);
        return new Entry(proposer, sequence, term, commands);
    }
}
