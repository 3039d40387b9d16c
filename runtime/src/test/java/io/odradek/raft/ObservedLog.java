package io.odradek.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.function.ObjLongConsumer;
import org.jgroups.Address;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.raft.util.Utils;

/** A node's log, which tells the invariants what becomes durable. */
final class ObservedLog implements SnapshotLog {
    private final SnapshotLog log;
    private final String node;
    private final RaftInvariants invariants;

    ObservedLog(SnapshotLog log, String node, RaftInvariants invariants) {
        this.log = log;
        this.node = node;
        this.invariants = invariants;
        invariants.term(node, log.currentTerm());
    }

    @Override
    public Log currentTerm(long term) {
        log.currentTerm(term);
        invariants.term(node, log.currentTerm());
        return this;
    }

    @Override
    public Log votedFor(Address candidate) {
        log.votedFor(candidate);
        if (candidate != null) {
            invariants.voted(node, log.currentTerm(), Utils.extractRaftId(candidate));
        }
        return this;
    }

    @Override
    public Log commitIndex(long index) {
        long before = log.commitIndex();
        for (long each = before + 1; each <= index; each++) {
            invariants.committed(node, each, log.get(each), log.currentTerm());
        }
        if (index < before) {
            invariants.wentBack(node, before, index);
        }
        log.commitIndex(index);
        return this;
    }

    @Override
    public long append(long index, LogEntries entries) {
        var previous = index == 1 ? null : log.get(index - 1);
        long last = log.append(index, entries);
        long previousTerm = previous == null ? 0 : previous.term();
        for (var each : entries) {
            invariants.appended(node, index++, each, previousTerm);
            previousTerm = each.term();
        }
        invariants.term(node, log.currentTerm());
        return last;
    }

    @Override
    public void reinitializeTo(long index, LogEntry entry) throws Exception {
        if (index < log.commitIndex()) {
            invariants.wentBack(node, log.commitIndex(), index);
        }
        invariants.installed(node, index, entry.term());
        log.reinitializeTo(index, entry);
        invariants.term(node, log.currentTerm());
    }

    @Override
    public void replaceBy(SnapshotDraft leaders) {
        if (leaders.index() < log.commitIndex()) {
            invariants.wentBack(node, log.commitIndex(), leaders.index());
        }
        invariants.installed(node, leaders.index(), leaders.term());
        log.replaceBy(leaders);
        invariants.term(node, log.currentTerm());
    }

    @Override
    public SnapshotDraft draftOfOwn(long index) {
        return log.draftOfOwn(index);
    }

    @Override
    public SnapshotDraft draftOfLeaders(SnapshotId id) {
        return log.draftOfLeaders(id);
    }

    @Override
    public boolean adopt(SnapshotDraft own) {
        return log.adopt(own);
    }

    @Override
    public SnapshotId snapshotId() {
        return log.snapshotId();
    }

    @Override
    public Optional<SnapshotFile> openSnapshot() {
        return log.openSnapshot();
    }

    @Override
    public void init(String name, Map<String, String> arguments) throws Exception {
        log.init(name, arguments);
    }

    @Override
    public Log useFsync(boolean fsync) {
        log.useFsync(fsync);
        return this;
    }

    @Override
    public boolean useFsync() {
        return log.useFsync();
    }

    @Override
    public void delete() throws Exception {
        log.delete();
    }

    @Override
    public long currentTerm() {
        return log.currentTerm();
    }

    @Override
    public Address votedFor() {
        return log.votedFor();
    }

    @Override
    public long commitIndex() {
        return log.commitIndex();
    }

    @Override
    public long firstAppended() {
        return log.firstAppended();
    }

    @Override
    public long lastAppended() {
        return log.lastAppended();
    }

    @Override
    public void setSnapshot(ByteBuffer data) {
        log.setSnapshot(data);
    }

    @Override
    public ByteBuffer getSnapshot() {
        return log.getSnapshot();
    }

    @Override
    public LogEntry get(long index) {
        return log.get(index);
    }

    @Override
    public void truncate(long index) {
        log.truncate(index);
    }

    @Override
    public void deleteAllEntriesStartingFrom(long index) {
        log.deleteAllEntriesStartingFrom(index);
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function, long first, long last) {
        log.forEach(function, first, last);
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function) {
        log.forEach(function);
    }

    @Override
    public long sizeInBytes() {
        return log.sizeInBytes();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
