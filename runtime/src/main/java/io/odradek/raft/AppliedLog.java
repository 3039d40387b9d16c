package io.odradek.raft;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Set;
import org.jgroups.protocols.raft.InternalCommand;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.protocols.raft.PersistentState;

/**
 * This node's log, with what follows from it: the voters that its entries name, committed or not, and the state that the committed
 * ones have made. Used by Raft's thread alone, unless a method says more.
 */
final class AppliedLog implements LogTerms {
    private final SnapshotLog log;
    private final ReplicatedState state;
    private final FailStop failStop;
    private final VoterHistory voters = new VoterHistory(new VoterSet(Set.of()));
    private final Runnable onVoters;
    private long commitIndex;
    private long lastIndex;
    private long lastTerm;

    /** What a snapshot contains, read and not yet in effect. */
    record Restored(VoterSet voters, ReplicatedState.Restorable state) {}

    /** @param onVoters told when other nodes vote */
    AppliedLog(SnapshotLog log, ReplicatedState state, FailStop failStop, Runnable onVoters) {
        this.log = log;
        this.state = state;
        this.failStop = failStop;
        this.onVoters = onVoters;
    }

    /**
     * Makes the state from the snapshot and the committed entries after it, and the voters from all entries.
     *
     * @param first who voted when the log began
     */
    void load(Collection<String> first) {
        commitIndex = log.commitIndex();
        lastIndex = log.lastAppended();
        voters.reset(0, VoterSet.of(first));
        var snapshot = log.openSnapshot();
        if (snapshot.isPresent()) {
            try (var file = snapshot.get()) {
                effect(
                        read(file.content(), file.id(), file.toString()),
                        file.id().index());
            } catch (IOException e) {
                throw new RaftException("Raft log " + snapshot.get() + " cannot be read: " + FailStop.reason(e), e);
            }
        }
        long covered = log.firstAppended();
        lastTerm = lastIndex == 0 ? 0 : entry(lastIndex).term();
        for (long index = covered + 1; index <= lastIndex; index++) {
            if (index <= commitIndex) {
                apply(index);
            }
            appended(index, entry(index));
        }
        onVoters.run();
    }

    /** Who votes. */
    VoterHistory voters() {
        return voters;
    }

    @Override
    public long commitIndex() {
        return commitIndex;
    }

    @Override
    public long lastIndex() {
        return lastIndex;
    }

    /** As far as this node knows, by those who voted when the log began. */
    boolean nothingCommitted() {
        return commitIndex == 0 && voters.settledAt(0);
    }

    LogPosition lastPosition() {
        return new LogPosition(lastTerm, lastIndex);
    }

    @Override
    public long termAt(long index) {
        if (index == 0) {
            return 0;
        }
        return index == lastIndex ? lastTerm : entry(index).term();
    }

    private LogEntry entry(long index) {
        var entry = log.get(index);
        if (entry == null) {
            throw new IllegalStateException("entry " + index + " is not in the log");
        }
        return entry;
    }

    /** Durable when it returns. */
    void append(LogEntries entries) {
        long index = lastIndex;
        lastIndex = log.append(lastIndex + 1, entries);
        for (var each : entries) {
            lastTerm = each.term();
            appended(++index, each);
        }
    }

    /** A change of the voters counts from now on. */
    private void appended(long index, LogEntry entry) {
        if (entry.internal()) {
            var change = InternalEntry.decode(entry);
            if (change.type() != InternalCommand.Type.noop) {
                voters.changed(index, change.change(voters.current()));
                onVoters.run();
            }
        }
    }

    void truncateFrom(long index) {
        log.deleteAllEntriesStartingFrom(index);
        lastIndex = log.lastAppended();
        lastTerm = lastIndex == 0 ? 0 : entry(lastIndex).term();
        voters.truncateFrom(index);
        onVoters.run();
    }

    /** Applies the next entry, which is committed; {@link #committed} tells the log when it was the last one for now. */
    void applyNext() {
        apply(commitIndex + 1);
        commitIndex++;
    }

    void committed() {
        log.commitIndex(commitIndex);
    }

    private void apply(long index) {
        failStop.check();
        var entry = entry(index);
        if (entry.internal()) {
            return; // a change of the voters counts since it was appended
        }
        state.next(index);
        try {
            state.apply(entry.command(), entry.offset(), entry.length(), false);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a snapshot of everything committed so far contains; any thread may write it while this one goes on. */
    SnapshotDraft.Content content() {
        var members = new PersistentState();
        members.setMembers(voters.at(commitIndex).ids());
        var present = state.content();
        return out -> {
            var data = new DataOutputStream(out);
            members.writeTo(data);
            data.flush();
            present.writeTo(out);
        };
    }

    /**
     * Reads what {@link #content} wrote, without any effect yet. Any thread.
     *
     * @param from where it comes from, for messages
     * @throws RaftException when it cannot be read: damaged, or of a newer version
     */
    Restored read(InputStream content, SnapshotId id, String from) {
        try {
            var members = new PersistentState();
            members.readFrom(new DataInputStream(content));
            var read = new Restored(VoterSet.of(members.getMembers()), state.read(content));
            if (read.state().appliedIndex() > id.index()) {
                throw new IOException("it contains entry " + read.state().appliedIndex());
            }
            return read;
        } catch (IOException | RuntimeException e) {
            throw new RaftException(
                    "The snapshot of entry " + id.index() + " in " + from + " cannot be read: " + FailStop.reason(e),
                    e);
        }
    }

    /** Replaces everything by a snapshot that the leader has. In the log first: a crash in between finds it there. */
    void restore(SnapshotDraft snapshot, Restored content) {
        log.replaceBy(snapshot);
        commitIndex = snapshot.index();
        lastIndex = snapshot.index();
        lastTerm = snapshot.term();
        effect(content, snapshot.index());
        onVoters.run();
    }

    private void effect(Restored content, long index) {
        voters.reset(index, content.voters());
        content.state().restore();
    }
}
