package io.odradek.raft;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes snapshots of this node's own state, one at a time. What it contains is settled at once, for it does not change any more; it is
 * written by another thread, and when it is durable Raft's thread puts it in its place and deletes the log before it. Used by
 * Raft's thread.
 */
final class SnapshotTaker {
    private final RaftProtocol protocol;
    private final SnapshotLog log;
    private final List<Runnable> whenDone = new ArrayList<>();
    private boolean underWay;

    SnapshotTaker(RaftProtocol protocol, SnapshotLog log) {
        this.protocol = protocol;
        this.log = log;
    }

    boolean underWay() {
        return underWay;
    }

    /** @param done called when the one that is under way by then is in its place, or there was nothing to do */
    void take(Runnable done) {
        whenDone.add(done);
        if (underWay) {
            return;
        }
        long index = protocol.commitIndex();
        if (index <= log.firstAppended()) {
            done();
            return;
        }
        underWay = true;
        var content = protocol.applied().content();
        var draft = log.draftOfOwn(index);
        protocol.inBackground(() -> {
            draft.write(content);
            draft.complete();
            protocol.post(() -> written(draft));
        });
    }

    private void written(SnapshotDraft draft) {
        underWay = false;
        if (log.adopt(draft)) {
            protocol.applied().voters().forgetBefore(draft.index());
        } else { // one from the leader has overtaken it
            protocol.inBackground(draft::discard);
        }
        done();
    }

    private void done() {
        var told = List.copyOf(whenDone);
        whenDone.clear();
        told.forEach(Runnable::run);
    }
}
