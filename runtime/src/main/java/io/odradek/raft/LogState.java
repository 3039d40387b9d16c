package io.odradek.raft;

import java.util.Arrays;

/**
 * What the records of a log amount to: the terms and places of its entries, the term, the vote, the commit index. The same
 * {@link #apply} runs when a record was just synced and when it is read back, so that a restart cannot see another log.
 * Guarded by {@link RaftLog}.
 *
 * <p>Invariants: the term never goes back; {@code snapshotIndex <= commitIndex <= lastIndex}.
 */
final class LogState {
    static final byte[] NO_VOTE = {};

    private long snapshotIndex;
    private long snapshotTerm;
    private long commitIndex;
    private long term;
    private byte[] vote = NO_VOTE;
    private final EntryPositions entries;

    /** Begins with what a snapshot covers; both 0 without one. */
    LogState(long snapshotIndex, long snapshotTerm) {
        this.snapshotIndex = snapshotIndex;
        this.snapshotTerm = snapshotTerm;
        this.commitIndex = snapshotIndex;
        this.entries = new EntryPositions(snapshotIndex);
    }

    long snapshotIndex() {
        return snapshotIndex;
    }

    long commitIndex() {
        return commitIndex;
    }

    long lastIndex() {
        return entries.last();
    }

    long term() {
        return term;
    }

    byte[] vote() {
        return vote;
    }

    boolean has(long index) {
        return index > snapshotIndex && index <= lastIndex();
    }

    /** Of an entry, or of the last one in the snapshot; 0 for index 0. */
    long termAt(long index) {
        return index == snapshotIndex ? snapshotTerm : entries.term(index);
    }

    long segmentOf(long index) {
        return entries.segment(index);
    }

    int positionOf(long index) {
        return entries.position(index);
    }

    /** A segment's header repeats the term and vote, for the segments before it may be gone. */
    void apply(FileHeader.OfSegment header) {
        advance(header.term(), header.vote());
        commitIndex = Math.max(commitIndex, Math.min(header.commitIndex(), lastIndex()));
    }

    /**
     * @param segment and position where the record stands
     * @throws IllegalStateException when it cannot follow on what was applied before
     */
    void apply(LogRecord record, long segment, int position) {
        switch (record.type()) {
            case COMMAND, INTERNAL -> {
                if (record.index() <= snapshotIndex) {
                    return; // in the snapshot, and nowhere else any more
                }
                if (record.index() != lastIndex() + 1) {
                    throw new IllegalStateException("entry " + record.index() + " after entry " + lastIndex());
                }
                if (lastIndex() > snapshotIndex && record.term() < termAt(lastIndex())) {
                    throw new IllegalStateException(
                            "entry of term " + record.term() + " after one of term " + termAt(lastIndex()));
                }
                entries.add(record.term(), segment, position);
                advance(Math.max(term, record.term()), vote);
            }
            case HARD_STATE -> advance(record.term(), record.copyOfPayload());
            case TRUNCATE -> {
                long first = Math.max(record.index(), snapshotIndex + 1);
                if (first > lastIndex() + 1 || first <= commitIndex && first <= lastIndex()) {
                    throw new IllegalStateException("truncation at " + first + " with " + commitIndex + " of "
                            + lastIndex() + " entries committed");
                }
                entries.removeFrom(first);
            }
            case COMMIT -> {
                if (record.index() > lastIndex()) {
                    throw new IllegalStateException(
                            "entry " + record.index() + " was committed, the last is " + lastIndex());
                }
                commitIndex = Math.max(commitIndex, record.index());
            }
        }
    }

    /** Of a snapshot: its last entry's term was this node's term once, at least. */
    void raiseTerm(long atLeast) {
        term = Math.max(term, atLeast);
    }

    /** In memory only: the vote is no promise any more, so a restart may still see it. */
    void forgetVote() {
        vote = NO_VOTE;
    }

    void commit(long index) {
        if (index > lastIndex()) {
            throw new IllegalArgumentException("commit index " + index + " beyond the last entry " + lastIndex());
        }
        commitIndex = Math.max(commitIndex, index);
    }

    /** A snapshot of this node's own state machine: entries beyond it stay. */
    void snapshot(long index, long entryTerm) {
        entries.removeThrough(index);
        snapshotIndex = index;
        snapshotTerm = entryTerm;
    }

    /** A snapshot from the leader: it is all there is. */
    void restart(long index, long entryTerm) {
        entries.removeFrom(snapshotIndex + 1);
        snapshot(index, entryTerm);
        commitIndex = index;
        raiseTerm(entryTerm);
    }

    private void advance(long newTerm, byte[] newVote) {
        if (newTerm < term) {
            throw new IllegalStateException("term " + newTerm + " after term " + term);
        }
        term = newTerm;
        vote = newVote.length == 0 ? NO_VOTE : newVote;
    }

    @Override
    public String toString() {
        return "snapshot=" + snapshotIndex + " commit=" + commitIndex + " last=" + lastIndex() + " term=" + term
                + " vote=" + Arrays.toString(vote);
    }
}
