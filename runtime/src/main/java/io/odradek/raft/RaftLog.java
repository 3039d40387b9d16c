package io.odradek.raft;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ObjLongConsumer;
import org.jgroups.Address;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.util.Util;

/**
 * The log that jgroups-raft works on (docs/adr/0003-raft-log.md). Whatever a method promises is durable when it returns: entries,
 * term, vote, truncations, snapshots; {@link #useFsync} cannot turn that off. After the first failure every method that would
 * promise something throws.
 *
 * <p>Any thread; writers wait for each other, the plain getters wait for nobody.
 */
final class RaftLog implements SnapshotLog {
    /** Uncommitted entries kept in memory beside the file; more are read back when they are needed. */
    private static final int MAX_RECENT = 1024;

    private final LogStorage storage;
    private final LogIdentity owner;
    private final int segmentBytes;
    private final FailStop failStop;
    private final Map<Long, LogEntry> recent = new HashMap<>();
    private LogState state;
    private Journal journal;
    private volatile SnapshotId snapshot = SnapshotId.NONE;
    private long writtenCommitIndex;
    private ByteBuffer staged;
    private long stagedCovers;
    private byte[] publishedVote = LogState.NO_VOTE;
    private Address publishedAddress;
    private volatile View view = new View(0, 0, 0, 0, null, 0);

    /** What the getters return; replaced after every change. */
    private record View(long first, long last, long commit, long term, Address vote, long bytes) {}

    /** The files are opened by {@link #init}, and closed with the storage by {@link #close}. */
    RaftLog(LogStorage storage, LogIdentity owner, int segmentBytes, FailStop failStop) {
        this.storage = storage;
        this.owner = owner;
        this.segmentBytes = segmentBytes;
        this.failStop = failStop;
    }

    /** Opens the log; the arguments do not matter, the constructor was told everything. */
    @Override
    public synchronized void init(String name, Map<String, String> args) {
        var recovered = LogRecovery.recover(storage, owner, segmentBytes, failStop);
        state = recovered.state();
        journal = recovered.journal();
        snapshot = recovered.snapshot();
        writtenCommitIndex = state.commitIndex();
        publish();
    }

    @Override
    public synchronized void close() throws IOException {
        if (journal == null) {
            return;
        }
        try {
            if (!failStop.failed() && state.commitIndex() > writtenCommitIndex) {
                write(new ArrayList<>());
            }
        } finally {
            try {
                journal.close();
            } finally {
                journal = null;
                storage.close();
            }
        }
    }

    @Override
    public synchronized void delete() throws IOException {
        if (journal != null) {
            journal.close();
            journal = null;
        }
        for (var name : storage.list()) {
            if (name.equals(SnapshotFile.NAME) || name.endsWith(Journal.SEGMENT_SUFFIX)) {
                storage.delete(name);
            }
        }
        storage.syncDirectory();
        recent.clear();
        staged = null;
        snapshot = SnapshotId.NONE;
        view = new View(0, 0, 0, 0, null, 0);
    }

    @Override
    public Log useFsync(boolean ignored) {
        return this;
    }

    @Override
    public boolean useFsync() {
        return true;
    }

    @Override
    public long currentTerm() {
        return view.term;
    }

    /** A lower term is ignored. The vote stays until another is cast: forgetting it too early would allow a second one. */
    @Override
    public synchronized Log currentTerm(long term) {
        requireOpen();
        if (term > state.term()) {
            write(records(LogRecord.hardState(term, state.vote())));
        }
        return this;
    }

    @Override
    public Address votedFor() {
        return view.vote;
    }

    @Override
    public synchronized Log votedFor(Address candidate) {
        requireOpen();
        if (candidate == null) {
            state.forgetVote();
            publish();
        } else if (!candidate.equals(view.vote)) {
            write(records(LogRecord.hardState(state.term(), encode(candidate))));
        }
        return this;
    }

    @Override
    public long commitIndex() {
        return view.commit;
    }

    /** Written with the next record: a commit index that is too low after a crash costs nothing but time. */
    @Override
    public synchronized Log commitIndex(long index) {
        requireOpen();
        if (index > state.commitIndex()) {
            state.commit(index);
            recent.keySet().removeIf(each -> each <= index);
            publish();
        }
        return this;
    }

    /** The last entry that the snapshot covers, 0 without a snapshot. */
    @Override
    public long firstAppended() {
        return view.first;
    }

    @Override
    public long lastAppended() {
        return view.last;
    }

    @Override
    public synchronized long append(long index, LogEntries entries) {
        requireOpen();
        if (index != state.lastIndex() + 1) {
            throw new IllegalArgumentException("entry " + index + " after entry " + state.lastIndex());
        }
        var records = records();
        long term = state.termAt(state.lastIndex());
        long next = index;
        for (var entry : entries) {
            if (entry.command() == null) {
                // The placeholder at a snapshot's index: a leader that resends it would have the follower lose the
                // command.
                throw new IllegalArgumentException("entry " + next + " has no command");
            }
            if (entry.term() < term) {
                throw new IllegalArgumentException("entry of term " + entry.term() + " after one of term " + term);
            }
            term = entry.term();
            var type = entry.internal() ? LogRecord.Type.INTERNAL : LogRecord.Type.COMMAND;
            records.add(new LogRecord(type, term, next++, entry.command(), entry.offset(), entry.length()));
        }
        if (next > index) {
            write(records);
            next = index;
            for (var entry : entries) {
                if (recent.size() < MAX_RECENT) {
                    recent.put(next, entry);
                }
                next++;
            }
        }
        return state.lastIndex();
    }

    /** For the last entry that the snapshot covers, only the term is there. */
    @Override
    public synchronized LogEntry get(long index) {
        requireOpen();
        if (index > 0 && index == state.snapshotIndex()) {
            return new LogEntry(state.termAt(index), null);
        }
        if (!state.has(index)) {
            return null;
        }
        var inMemory = recent.get(index);
        if (inMemory != null) {
            return inMemory;
        }
        var record = journal.read(state.segmentOf(index), state.positionOf(index));
        if (record.index() != index || record.term() != state.termAt(index)) {
            throw failStop.fail(
                    "Raft log " + storage.location() + ": entry " + record.index() + " in the place of entry " + index,
                    null);
        }
        return new LogEntry(
                record.term(), record.copyOfPayload(), 0, record.length(), record.type() == LogRecord.Type.INTERNAL);
    }

    @Override
    public synchronized void deleteAllEntriesStartingFrom(long index) {
        requireOpen();
        if (index <= state.commitIndex()) {
            throw new IllegalArgumentException(
                    "entry " + index + " is committed (commit index " + state.commitIndex() + ")");
        }
        if (index > state.lastIndex()) {
            return;
        }
        // In a segment of its own, so that no segment has void entries before valid ones (LogState, replay from the
        // middle).
        journal.begin(state);
        write(records(LogRecord.truncate(state.term(), index)));
        recent.keySet().removeIf(each -> each >= index);
    }

    /** Keeps the data until {@link #truncate} or {@link #reinitializeTo} tells what they cover; nothing is valid before. */
    @Override
    public synchronized void setSnapshot(ByteBuffer data) {
        requireOpen();
        staged = data.duplicate();
        stagedCovers = state.commitIndex();
    }

    @Override
    public synchronized ByteBuffer getSnapshot() {
        requireOpen();
        if (staged != null) {
            return staged.duplicate();
        }
        return openSnapshot().map(this::content).orElse(null);
    }

    private ByteBuffer content(SnapshotFile file) {
        try (file) {
            return ByteBuffer.wrap(file.read(0, file.id().length()));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public SnapshotId snapshotId() {
        return snapshot;
    }

    @Override
    public Optional<SnapshotFile> openSnapshot() {
        failStop.check();
        try {
            return SnapshotFile.open(storage, owner);
        } catch (IOException | RaftException e) {
            throw unreadable(e);
        }
    }

    private RaftException unreadable(Exception e) {
        return failStop.fail("Raft log " + storage.location() + ": reading the snapshot failed (" + e + ")", e);
    }

    @Override
    public synchronized SnapshotDraft draftOfOwn(long index) {
        requireOpen();
        if (index > state.commitIndex()) {
            throw new IllegalArgumentException("entry " + index + " is not committed");
        }
        journal.begin(state); // so that the segments before can go
        return draft("own", index, state.termAt(index));
    }

    @Override
    public SnapshotDraft draftOfLeaders(SnapshotId id) {
        return draft("leaders", id.index(), id.term());
    }

    private SnapshotDraft draft(String kind, long index, long term) {
        return new SnapshotDraft(storage, owner, failStop, kind, index, term);
    }

    /**
     * Makes the staged snapshot valid. It covers what was committed when it was staged, for jgroups-raft takes snapshots of a state
     * machine that has applied just that; without one nothing is truncated.
     */
    @Override
    public synchronized void truncate(long index) {
        requireOpen();
        if (staged == null) {
            if (index > state.snapshotIndex()) {
                throw new IllegalStateException("no snapshot covers the entries before " + index);
            }
            return;
        }
        var draft = draftOfOwn(stagedCovers);
        draft.write(staged());
        draft.complete();
        adopt(draft, state.snapshotIndex());
    }

    @Override
    public synchronized boolean adopt(SnapshotDraft own) {
        requireOpen();
        return adopt(own, state.snapshotIndex() + 1);
    }

    private boolean adopt(SnapshotDraft own, long atLeast) {
        long index = own.index();
        if (index < atLeast) {
            return false;
        }
        if (!state.has(index + 1)) {
            journal.begin(state);
        }
        long firstSegment = state.has(index + 1) ? state.segmentOf(index + 1) : journal.activeSegment();
        own.install(firstSegment);
        state.snapshot(index, own.term());
        finishSnapshot(own, firstSegment);
        return true;
    }

    /** Makes the staged snapshot, received from the leader, the whole log. */
    @Override
    public synchronized void reinitializeTo(long index, LogEntry entry) {
        requireOpen();
        if (staged == null) {
            throw new IllegalStateException("no snapshot to start from");
        }
        if (index < state.commitIndex()) {
            staged = null;
            throw new IllegalArgumentException(
                    "snapshot of entry " + index + " is older than the commit index " + state.commitIndex());
        }
        var draft = draft("leaders", index, entry.term());
        draft.write(staged());
        draft.complete();
        replaceBy(draft);
    }

    @Override
    public synchronized void replaceBy(SnapshotDraft leaders) {
        requireOpen();
        if (leaders.index() < state.commitIndex()) {
            throw new IllegalArgumentException(
                    "snapshot of entry " + leaders.index() + " is older than the commit index " + state.commitIndex());
        }
        journal.begin(state);
        long firstSegment = journal.activeSegment();
        leaders.install(firstSegment);
        state.restart(leaders.index(), leaders.term());
        recent.clear();
        finishSnapshot(leaders, firstSegment);
    }

    private SnapshotDraft.Content staged() {
        var content = new byte[staged.remaining()];
        staged.duplicate().get(content);
        return out -> out.write(content);
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function, long start, long end) {
        long last = Math.min(end, lastAppended());
        for (long i = Math.max(start, Math.max(1, firstAppended())); i <= last; i++) {
            function.accept(get(i), i);
        }
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function) {
        forEach(function, 1, Long.MAX_VALUE);
    }

    @Override
    public long sizeInBytes() {
        return view.bytes;
    }

    @Override
    public String toString() {
        return "RaftLog " + storage.location() + " " + view;
    }

    private void finishSnapshot(SnapshotDraft installed, long firstSegment) {
        staged = null;
        snapshot = installed.id();
        journal.deleteBefore(firstSegment);
        publish();
    }

    private static List<LogRecord> records(LogRecord... records) {
        return new ArrayList<>(List.of(records));
    }

    private void write(List<LogRecord> records) {
        if (state.commitIndex() > writtenCommitIndex) {
            records.add(0, LogRecord.commit(state.term(), state.commitIndex()));
        }
        if (journal.isFull()) {
            journal.begin(state);
        }
        var written = journal.append(records);
        writtenCommitIndex = state.commitIndex();
        for (int i = 0; i < records.size(); i++) {
            state.apply(records.get(i), written.segment(), written.position(i));
        }
        publish();
    }

    private void publish() {
        view = new View(
                state.snapshotIndex(), state.lastIndex(), state.commitIndex(), state.term(), vote(), journal.bytes());
    }

    private Address vote() {
        if (state.vote() != publishedVote) {
            publishedVote = state.vote();
            publishedAddress = decode(publishedVote);
        }
        return publishedAddress;
    }

    private void requireOpen() {
        failStop.check();
        if (journal == null) {
            throw new IllegalStateException("Raft log " + storage.location() + " is closed");
        }
    }

    private static byte[] encode(Address address) {
        var bytes = new ByteArrayOutputStream();
        try {
            Util.writeAddress(address, new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot be: it is memory
        }
        return bytes.toByteArray();
    }

    private static Address decode(byte[] vote) {
        if (vote.length == 0) {
            return null;
        }
        try {
            return Util.readAddress(new DataInputStream(new ByteArrayInputStream(vote)));
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException("vote", e);
        }
    }
}
