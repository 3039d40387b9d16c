package io.odradek.raft;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** What nodes tell each other beside Raft. A kind that a node does not know it ignores: the other one is newer. */
sealed interface NodeMessage {
    /**
     * To the leader of a term: put this entry into the log.
     *
     * @param first the proposer's first sequence in that term
     * @param entry as {@link Entry#encode} made it, for the same term
     */
    record Propose(UUID proposer, long term, long first, long sequence, byte[] entry) implements NodeMessage {}

    /** The answer: all before {@code next} are taken. */
    record Taken(long term, long next) implements NodeMessage {}

    /** Of the leader, to all: what the state machine's digest is with that entry applied. */
    record Digest(long index, long digest) implements NodeMessage {}

    byte PROPOSE = 1;
    byte TAKEN = 2;
    byte DIGEST = 3;

    default byte[] encode() {
        if (this instanceof Propose propose) {
            return ByteBuffer.allocate(1 + 5 * Long.BYTES + propose.entry.length)
                    .put(PROPOSE)
                    .putLong(propose.proposer.getMostSignificantBits())
                    .putLong(propose.proposer.getLeastSignificantBits())
                    .putLong(propose.term)
                    .putLong(propose.first)
                    .putLong(propose.sequence)
                    .put(propose.entry)
                    .array();
        }
        if (this instanceof Taken taken) {
            return pair(TAKEN, taken.term, taken.next);
        }
        var digest = (Digest) this;
        return pair(DIGEST, digest.index, digest.digest);
    }

    private static byte[] pair(byte kind, long first, long second) {
        return ByteBuffer.allocate(1 + 2 * Long.BYTES)
                .put(kind)
                .putLong(first)
                .putLong(second)
                .array();
    }

    /** Empty for a kind that is not known, or a message that is too short. */
    static Optional<NodeMessage> decode(byte[] bytes, int offset, int length) {
        var in = ByteBuffer.wrap(bytes, offset, length);
        try {
            return switch (in.get()) {
                case PROPOSE -> {
                    var proposer = new UUID(in.getLong(), in.getLong());
                    long term = in.getLong();
                    long first = in.getLong();
                    long sequence = in.getLong();
                    var entry = new byte[in.remaining()];
                    in.get(entry);
                    yield Optional.of(new Propose(proposer, term, first, sequence, entry));
                }
                case TAKEN -> Optional.of(new Taken(in.getLong(), in.getLong()));
                case DIGEST -> Optional.of(new Digest(in.getLong(), in.getLong()));
                default -> Optional.empty();
            };
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }
}
