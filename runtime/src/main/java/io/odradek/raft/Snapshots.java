package io.odradek.raft;

import java.util.Arrays;
import org.jgroups.Message;

/** All that a node does with snapshots: its own, those that it gives, and those that it gets. Used by Raft's thread. */
final class Snapshots {
    /** In one message: as Kafka's default of {@code controller.quorum.fetch.snapshot.max.bytes}. */
    private static final int PIECE_BYTES = 1 << 20;
    /** By so much the log may outgrow its bound while a member fetches a snapshot, and needs what comes after it. */
    private static final int LOGS_WHILE_FETCHED = 4;

    private final RaftProtocol protocol;
    private final SnapshotLog log;
    private final SnapshotTaker taker;
    private final SnapshotSender sender;
    private final SnapshotReceiver receiver;
    private int pieceBytes = PIECE_BYTES;

    Snapshots(RaftProtocol protocol, SnapshotLog log) {
        this.protocol = protocol;
        this.log = log;
        taker = new SnapshotTaker(protocol, log);
        sender = new SnapshotSender(protocol, log);
        receiver = new SnapshotReceiver(protocol, log);
        SnapshotMessage.register();
    }

    /** So many bytes at most are asked for at once. Before the start. */
    void pieceBytes(int bytes) {
        pieceBytes = bytes;
    }

    int pieceBytes() {
        return pieceBytes;
    }

    SnapshotTaker taker() {
        return taker;
    }

    SnapshotSender sender() {
        return sender;
    }

    SnapshotReceiver receiver() {
        return receiver;
    }

    /**
     * Whether the log has outgrown its bound, and the snapshot before it: one that is written, or fetched, takes as long as it is
     * large, and if meanwhile another one were due, it would never be of use to a member that has to fetch it.
     */
    boolean isDue(long logBytes, long boundBytes) {
        if (taker.underWay()) {
            return false;
        }
        boolean fetched = protocol.impl() instanceof LeaderRole leader && leader.snapshotIsFetched();
        long bound = Math.max(boundBytes, log.snapshotId().length());
        return logBytes >= (fetched ? LOGS_WHILE_FETCHED : 1) * bound;
    }

    void heard(Message message, SnapshotMessage said) {
        if (said.kind() == SnapshotMessage.Kind.PIECE) {
            int start = message.getOffset();
            receiver.piece(said, Arrays.copyOfRange(message.getArray(), start, start + message.getLength()));
        } else if (protocol.impl() instanceof LeaderRole leader) {
            leader.snapshotFetched(message.src(), said);
        }
    }
}
