package io.odradek.raft;

import java.io.IOException;
import java.util.Optional;
import org.jgroups.Address;

/**
 * The leader's part in bringing a member up to date by a snapshot (Raft §7): it says which one it has, and the member fetches it piece
 * by piece, as in KIP-630. The leader keeps nothing of it: pieces are read from the file when they are asked for, so what it holds
 * in memory is what the members have asked for and not yet got. Used by Raft's thread, which leaves reading to another.
 */
final class SnapshotSender {
    /** No member wants more at once. */
    private static final int MAX_PIECE_BYTES = 4 << 20;

    private final RaftProtocol protocol;
    private final SnapshotLog log;
    /** On the thread that reads. */
    private SnapshotId verified = SnapshotId.NONE;

    SnapshotSender(RaftProtocol protocol, SnapshotLog log) {
        this.protocol = protocol;
        this.log = log;
    }

    void announce(Address member) {
        protocol.outbox().announceSnapshot(member, log.snapshotId());
    }

    /** A member that asks for one that a newer one has replaced is told so. */
    void fetched(Address member, SnapshotMessage fetch) {
        if (!fetch.id().equals(log.snapshotId())) {
            announce(member);
            return;
        }
        long term = protocol.currentTerm();
        int bytes = Math.min(fetch.bytes(), MAX_PIECE_BYTES);
        protocol.inBackground(() -> read(fetch.id(), fetch.position(), bytes)
                .ifPresent(piece -> protocol.post(() -> {
                    if (protocol.isLeader() && protocol.currentTerm() == term) {
                        protocol.outbox().snapshotPiece(member, fetch.id(), fetch.position(), piece);
                    }
                })));
    }

    /** Empty when that one is no more, or has no such piece. */
    private Optional<byte[]> read(SnapshotId id, int position, int bytes) {
        var opened = log.openSnapshot();
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (var file = opened.get()) {
            if (!file.id().equals(id) || position < 0 || position >= id.length() || bytes <= 0) {
                return Optional.empty();
            }
            if (!id.equals(verified)) { // what its disk has spoilt nobody should fetch
                file.verify();
                verified = id;
            }
            return Optional.of(file.read(position, bytes));
        } catch (IOException e) {
            throw new RaftException("reading the snapshot failed: " + FailStop.reason(e), e);
        }
    }
}
