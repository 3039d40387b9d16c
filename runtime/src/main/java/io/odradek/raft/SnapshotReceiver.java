package io.odradek.raft;

import java.util.Optional;
import org.jboss.logging.Logger;
import org.jgroups.Address;

/**
 * A follower's part in being brought up to date by a snapshot: it fetches the one that the leader has announced, some pieces at a
 * time and each from where it has everything before, into a file that is nothing until all of it is there, durable, and what
 * was announced. Then it is read, and only then takes the place of log and state.
 *
 * <p>Lost, repeated and late messages do no harm: a piece that is not the next one is ignored, and asked for again when nothing has
 * come for a while. Another leader with the same snapshot goes on with it; with another one it begins anew.
 *
 * <p>Used by Raft's thread, which leaves the disk to another one; that one works in order.
 */
final class SnapshotReceiver {
    private static final Logger LOG = Logger.getLogger(SnapshotReceiver.class);
    /** Asked for and not yet written. */
    private static final int WINDOW = 4;
    /** The leader repeats its announcement at this interval; as long without progress something is lost. */
    private static final int RESEND_INTERVALS_TO_RETRY = 10;

    private final RaftProtocol protocol;
    private final SnapshotLog log;
    private Optional<Transfer> transfer = Optional.empty();

    private static final class Transfer {
        private final SnapshotId id;
        private final SnapshotDraft draft;
        private Address leader;
        private int asked;
        private int received;
        private int written;
        private long progressAtMs;

        Transfer(SnapshotId id, SnapshotDraft draft) {
            this.id = id;
            this.draft = draft;
        }

        boolean isComplete() {
            return written == id.length();
        }
    }

    SnapshotReceiver(RaftProtocol protocol, SnapshotLog log) {
        this.protocol = protocol;
        this.log = log;
    }

    /** The leader of this term has a snapshot, and not the entries before it. */
    void announced(Address leader, SnapshotId id) {
        switch (SnapshotPlan.of(protocol.applied(), id.index(), id.term())) {
            case IGNORE -> {}
            case COMMIT -> protocol.commitTo(id.index());
            case INSTALL -> {
                fetch(leader, id);
                return;
            }
        }
        protocol.outbox().acknowledge(leader, protocol.commitIndex());
    }

    private void fetch(Address leader, SnapshotId id) {
        var now = transfer.orElse(null);
        if (now != null && now.isComplete()) {
            return; // it is being read
        }
        if (now == null || !now.id.equals(id)) {
            if (now != null && now.leader.equals(leader) && id.index() < now.id.index()) {
                return; // said before the newer one
            }
            abandon();
            now = new Transfer(id, log.draftOfLeaders(id));
            now.progressAtMs = protocol.nowMs();
            transfer = Optional.of(now);
            LOG.debugf("Fetching a snapshot of entry %d, %d bytes, from %s", id.index(), id.length(), leader);
        } else if (!leader.equals(now.leader)
                || protocol.nowMs() - now.progressAtMs >= RESEND_INTERVALS_TO_RETRY * protocol.resendInterval()) {
            now.asked = now.received;
            now.progressAtMs = protocol.nowMs();
        }
        now.leader = leader;
        ask(now);
    }

    private void ask(Transfer now) {
        int piece = protocol.snapshots().pieceBytes();
        while (now.asked < now.id.length() && now.asked - now.written < WINDOW * piece) {
            int bytes = Math.min(piece, now.id.length() - now.asked);
            protocol.outbox().fetchSnapshot(now.leader, now.id, now.asked, bytes);
            now.asked += bytes;
        }
    }

    /** A piece, from whichever node. */
    void piece(SnapshotMessage header, byte[] bytes) {
        var now = transfer.orElse(null);
        if (now == null
                || !now.id.equals(header.id())
                || now.received != header.position()
                || bytes.length == 0
                || bytes.length > now.id.length() - now.received
                || bytes.length > WINDOW * protocol.snapshots().pieceBytes() - (now.received - now.written)) {
            return;
        }
        if (Checksum.of(bytes) != header.crc()) {
            LOG.warnf("A piece of a snapshot was damaged on its way from %s: asking again", now.leader);
            return;
        }
        now.received += bytes.length;
        now.asked = Math.max(now.asked, now.received);
        now.progressAtMs = protocol.nowMs();
        protocol.inBackground(() -> {
            now.draft.write(bytes, 0, bytes.length);
            protocol.post(() -> written(now, bytes.length));
        });
    }

    private boolean isPresent(Transfer which) {
        return transfer.isPresent() && transfer.get() == which;
    }

    private void written(Transfer now, int bytes) {
        if (!isPresent(now)) {
            return;
        }
        now.written += bytes;
        now.progressAtMs = protocol.nowMs();
        if (now.isComplete()) {
            protocol.inBackground(() -> verify(now));
        } else {
            ask(now);
        }
    }

    /** On the thread of the disk. */
    private void verify(Transfer now) {
        now.draft.complete();
        if (now.draft.id().equals(now.id)) {
            var content = protocol.applied().read(now.draft.content(), now.id, "the leader's file");
            protocol.post(() -> install(now, content));
        } else {
            LOG.warnf("A snapshot from %s is not what it should be: fetching it again", now.leader);
            protocol.post(() -> {
                if (isPresent(now)) {
                    abandon();
                }
            });
        }
    }

    private void install(Transfer now, AppliedLog.Restored content) {
        if (!isPresent(now)) {
            return;
        }
        var id = now.id;
        switch (SnapshotPlan.of(protocol.applied(), id.index(), id.term())) {
            case IGNORE -> abandon();
            case COMMIT -> {
                abandon();
                protocol.commitTo(id.index());
            }
            case INSTALL -> {
                transfer = Optional.empty();
                protocol.install(now.draft, content);
                LOG.infof("The metadata is that of a snapshot of entry %d, %d bytes", id.index(), id.length());
            }
        }
        protocol.outbox().acknowledge(now.leader, protocol.commitIndex());
    }

    /** What was fetched so far is not wanted any more. */
    void abandon() {
        transfer.ifPresent(each -> protocol.inBackground(each.draft::discard));
        transfer = Optional.empty();
    }
}
