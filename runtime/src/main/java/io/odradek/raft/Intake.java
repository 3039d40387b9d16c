package io.odradek.raft;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * What a leader has taken from each proposer: in one term, each entry once and in the order of its sequence, however often it
 * comes. Thread-safe.
 */
final class Intake {
    /** Proposers of one term, that is, lives of nodes; beyond it the entries of others are not taken. */
    static final int MAX_PROPOSERS = 100_000;

    private final Map<UUID, Long> next = new HashMap<>();
    private long term;

    /**
     * @param first the proposer's first sequence in this term
     * @param append puts the entry into the log's queue; false if that is full
     * @return the sequence up to which, without it, all are taken; -1 if the term is over
     */
    synchronized long offer(UUID proposer, long entryTerm, long first, long sequence, BooleanSupplier append) {
        if (entryTerm < term) {
            return -1;
        }
        if (entryTerm > term) {
            term = entryTerm;
            next.clear();
        }
        var known = next.get(proposer);
        long expected = known == null ? first : known;
        if (sequence != expected || known == null && next.size() >= MAX_PROPOSERS || !append.getAsBoolean()) {
            return expected;
        }
        next.put(proposer, expected + 1);
        return expected + 1;
    }
}
