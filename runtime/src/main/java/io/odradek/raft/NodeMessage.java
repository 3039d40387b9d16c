package io.odradek.raft;

import io.odradek.metadata.QuorumState;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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

    /**
     * To the leader: let that node vote, or not.
     *
     * @param request for the answer
     */
    record ChangeVoter(long request, int node, boolean votes) implements NodeMessage {}

    /** @param error as the Kafka protocol has it */
    record VoterChanged(long request, short error, String message) implements NodeMessage {}

    /** To the leader: how far are the others? */
    record AskQuorum(long request) implements NodeMessage {}

    record Quorum(long request, QuorumState state) implements NodeMessage {}

    byte PROPOSE = 1;
    byte TAKEN = 2;
    byte DIGEST = 3;
    byte CHANGE_VOTER = 4;
    byte VOTER_CHANGED = 5;
    byte ASK_QUORUM = 6;
    byte QUORUM = 7;

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
        if (this instanceof Digest digest) {
            return pair(DIGEST, digest.index, digest.digest);
        }
        if (this instanceof ChangeVoter change) {
            return pair(CHANGE_VOTER, change.request, (long) change.node << 1 | (change.votes ? 1 : 0));
        }
        if (this instanceof AskQuorum ask) {
            return ByteBuffer.allocate(1 + Long.BYTES)
                    .put(ASK_QUORUM)
                    .putLong(ask.request)
                    .array();
        }
        if (this instanceof Quorum quorum) {
            return encode(quorum);
        }
        var changed = (VoterChanged) this;
        var message = changed.message.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + Long.BYTES + Short.BYTES + message.length)
                .put(VOTER_CHANGED)
                .putLong(changed.request)
                .putShort(changed.error)
                .put(message)
                .array();
    }

    private static byte[] pair(byte kind, long first, long second) {
        return ByteBuffer.allocate(1 + 2 * Long.BYTES)
                .put(kind)
                .putLong(first)
                .putLong(second)
                .array();
    }

    private static byte[] encode(Quorum quorum) {
        var state = quorum.state;
        int replicas = state.voters().size() + state.observers().size();
        var out = ByteBuffer.allocate(
                        1 + 2 * Long.BYTES + 4 * Integer.BYTES + replicas * (Integer.BYTES + 3 * Long.BYTES))
                .put(QUORUM)
                .putLong(quorum.request)
                .putInt(state.leaderId())
                .putInt(state.leaderEpoch())
                .putLong(state.highWatermark());
        for (var each : List.of(state.voters(), state.observers())) {
            out.putInt(each.size());
            each.forEach(replica -> out.putInt(replica.nodeId())
                    .putLong(replica.logEndOffset())
                    .putLong(replica.lastFetchTimestampMs())
                    .putLong(replica.lastCaughtUpTimestampMs()));
        }
        return out.array();
    }

    private static Quorum quorum(ByteBuffer in) {
        return new Quorum(
                in.getLong(), new QuorumState(in.getInt(), in.getInt(), in.getLong(), replicas(in), replicas(in)));
    }

    private static List<QuorumState.Replica> replicas(ByteBuffer in) {
        var replicas = new ArrayList<QuorumState.Replica>();
        for (int left = in.getInt(); left > 0; left--) {
            replicas.add(new QuorumState.Replica(in.getInt(), in.getLong(), in.getLong(), in.getLong()));
        }
        return replicas;
    }

    private static byte[] rest(ByteBuffer in) {
        var rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }

    /** Empty for a kind that is not known, or a message that is too short. */
    static Optional<NodeMessage> decode(byte[] bytes, int offset, int length) {
        var in = ByteBuffer.wrap(bytes, offset, length);
        try {
            return switch (in.get()) {
                case PROPOSE -> {
                    var proposer = new UUID(in.getLong(), in.getLong());
                    yield Optional.of(new Propose(proposer, in.getLong(), in.getLong(), in.getLong(), rest(in)));
                }
                case TAKEN -> Optional.of(new Taken(in.getLong(), in.getLong()));
                case DIGEST -> Optional.of(new Digest(in.getLong(), in.getLong()));
                case CHANGE_VOTER -> {
                    long request = in.getLong();
                    long change = in.getLong();
                    yield Optional.of(new ChangeVoter(request, (int) (change >> 1), (change & 1) == 1));
                }
                case VOTER_CHANGED ->
                    Optional.of(new VoterChanged(
                            in.getLong(), in.getShort(), new String(rest(in), StandardCharsets.UTF_8)));
                case ASK_QUORUM -> Optional.of(new AskQuorum(in.getLong()));
                case QUORUM -> Optional.of(quorum(in));
                default -> Optional.empty();
            };
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }
}
