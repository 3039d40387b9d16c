package io.odradek.raft;

import java.util.TreeMap;

/**
 * The voters as of each entry of the log that changes them. A change counts from the moment it is in the log, committed or not
 * (Raft dissertation §4.1), and no longer when it is truncated. Used by Raft's thread alone.
 */
final class VoterHistory {
    private final TreeMap<Long, VoterSet> byIndex = new TreeMap<>();
    private volatile VoterSet current;

    VoterHistory(VoterSet initial) {
        reset(0, initial);
    }

    /** Any thread. */
    VoterSet current() {
        return current;
    }

    VoterSet at(long index) {
        var entry = byIndex.floorEntry(index);
        return (entry == null ? byIndex.firstEntry() : entry).getValue();
    }

    /** Whether nothing beyond the index changes the voters. */
    boolean settledAt(long index) {
        return byIndex.lastKey() <= index;
    }

    void changed(long index, VoterSet voters) {
        byIndex.put(index, voters);
        current = voters;
    }

    void truncateFrom(long index) {
        byIndex.tailMap(index, true).clear();
        current = byIndex.lastEntry().getValue();
    }

    /** Of a snapshot. */
    void reset(long index, VoterSet voters) {
        byIndex.clear();
        changed(index, voters);
    }

    /** Entries up to the index will not be truncated any more. */
    void forgetBefore(long index) {
        var floor = byIndex.floorKey(index);
        if (floor != null) {
            byIndex.headMap(floor, false).clear();
        }
    }
}
