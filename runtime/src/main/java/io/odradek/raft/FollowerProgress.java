package io.odradek.raft;

/**
 * What a leader knows of a member's log and what it sends next. Written by Raft's thread alone.
 *
 * <p>{@code matchIndex} only grows: it says what the member has acknowledged in this term.
 */
final class FollowerProgress {
    private final String raftId;
    private volatile long matchIndex;
    private volatile long commitIndex;
    /** From here it is sent again when nothing is heard. */
    private long resendFrom;

    private long nextIndex;
    /** It is not known where the logs part. */
    private boolean probing = true;

    private long sentAtMs;
    private long snapshotFetchedAtMs = Long.MIN_VALUE;
    private volatile long heardAtMs;
    /** It has said that it is not blank. */
    private boolean counts;
    /** 0 for a member that has not been blank. */
    private long welcomeAt;

    FollowerProgress(String raftId, long nextIndex, long nowMs) {
        this.raftId = raftId;
        this.nextIndex = nextIndex;
        this.resendFrom = nextIndex;
        this.heardAtMs = nowMs;
        this.sentAtMs = nowMs;
    }

    String raftId() {
        return raftId;
    }

    long matchIndex() {
        return matchIndex;
    }

    long commitIndex() {
        return commitIndex;
    }

    long nextIndex() {
        return nextIndex;
    }

    long heardAtMs() {
        return heardAtMs;
    }

    void heard(long itsCommitIndex, long nowMs) {
        commitIndex = Math.max(commitIndex, itsCommitIndex);
        heardAtMs = nowMs;
    }

    void accepted(long index) {
        matchIndex = Math.max(matchIndex, index);
        resendFrom = matchIndex + 1;
        nextIndex = Math.max(nextIndex, resendFrom);
        if (probing) {
            nextIndex = resendFrom;
            probing = false;
        }
    }

    /** Whether its acknowledgements do; it does not become blank while it lives. */
    boolean counts() {
        return counts;
    }

    void counts(boolean itSaysSo) {
        counts |= itSaysSo;
    }

    /** With that entry committed a blank member counts. */
    long welcomeAt() {
        return welcomeAt;
    }

    void welcomeAt(long index) {
        welcomeAt = index;
    }

    /** @return whether that is news, and something else has to be sent */
    boolean refused(long lastPossible) {
        long from = Math.max(matchIndex, lastPossible) + 1;
        if (probing && from == resendFrom) {
            return false;
        }
        probing = true;
        resendFrom = from;
        nextIndex = from;
        return true;
    }

    void sent(long upTo, long nowMs) {
        nextIndex = upTo + 1;
        sentAtMs = nowMs;
    }

    /** It has asked for a piece of the snapshot, and will ask for more. */
    void fetchesSnapshot(long nowMs) {
        snapshotFetchedAtMs = nowMs;
        heardAtMs = nowMs;
        sentAtMs = nowMs;
    }

    boolean fetchedSnapshotSince(long ms) {
        return snapshotFetchedAtMs != Long.MIN_VALUE && snapshotFetchedAtMs >= ms;
    }

    boolean behind(long lastIndex, long leaderCommitIndex) {
        return probing || matchIndex < lastIndex || commitIndex < leaderCommitIndex || !counts;
    }

    /** @return whether the last message or its answer must be taken for lost */
    boolean overdue(long nowMs, long intervalMs) {
        return nowMs - sentAtMs >= intervalMs;
    }

    void resend() {
        nextIndex = resendFrom;
    }
}
