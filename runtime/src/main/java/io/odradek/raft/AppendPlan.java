package io.odradek.raft;

/**
 * What a follower does with the entries that the leader of its term sent (Raft §5.3, AppendEntries receiver). It says what is known
 * about the two logs then, and nothing more: only that may be acknowledged and committed.
 */
sealed interface AppendPlan {
    /**
     * @param truncateFrom the first of the follower's own entries that conflicts, 0 if none does
     * @param known so many of the sent entries it has already
     * @param verified up to here the log is the leader's once the rest is appended
     */
    record Accept(long truncateFrom, int known, long verified) implements AppendPlan {}

    /** @param lastPossible the last index at which the logs may still agree */
    record Refuse(long lastPossible) implements AppendPlan {}

    /**
     * @param previousIndex and previousTerm of the entry before the first that was sent
     * @param terms of the entries that were sent
     */
    static AppendPlan of(LogTerms log, long previousIndex, long previousTerm, long[] terms) {
        long commit = log.commitIndex();
        long last = log.lastIndex();
        long end = previousIndex + terms.length;
        if (end <= commit) {
            return new Accept(0, terms.length, commit); // whoever leads has what is committed
        }
        if (previousIndex > last) {
            return new Refuse(last);
        }
        if (previousIndex > commit && log.termAt(previousIndex) != previousTerm) {
            return new Refuse(beforeTermOf(log, previousIndex));
        }
        int known = (int) Math.max(0, commit - previousIndex);
        for (; known < terms.length; known++) {
            long index = previousIndex + known + 1;
            if (index > last) {
                break;
            }
            if (log.termAt(index) != terms[known]) {
                return new Accept(index, known, end);
            }
        }
        return new Accept(0, known, end);
    }

    /** The other entries of a term that does not match are not worth a message each. */
    private static long beforeTermOf(LogTerms log, long index) {
        long term = log.termAt(index);
        long before = index - 1;
        while (before > log.commitIndex() && log.termAt(before) == term) {
            before--;
        }
        return before;
    }
}
