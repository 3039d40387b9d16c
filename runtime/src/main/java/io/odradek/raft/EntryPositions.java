package io.odradek.raft;

import java.util.Arrays;

/** Term and place of each entry after a base index: 20 bytes an entry. Owned by {@link LogState}. */
final class EntryPositions {
    private long base;
    private int count;
    private long[] terms = new long[16];
    private long[] segments = new long[16];
    private int[] positions = new int[16];

    EntryPositions(long base) {
        this.base = base;
    }

    long last() {
        return base + count;
    }

    long term(long index) {
        return terms[slot(index)];
    }

    long segment(long index) {
        return segments[slot(index)];
    }

    int position(long index) {
        return positions[slot(index)];
    }

    void add(long term, long segment, int position) {
        if (count == terms.length) {
            terms = Arrays.copyOf(terms, 2 * count);
            segments = Arrays.copyOf(segments, 2 * count);
            positions = Arrays.copyOf(positions, 2 * count);
        }
        terms[count] = term;
        segments[count] = segment;
        positions[count++] = position;
    }

    /** Removes the entries from the index on. */
    void removeFrom(long index) {
        count = (int) (index - base - 1);
    }

    /** Removes the entries up to the index, which becomes the base; all of them when there are none beyond it. */
    void removeThrough(long index) {
        int from = (int) Math.min(count, index - base);
        int kept = count - from;
        int capacity = Math.max(16, kept);
        terms = Arrays.copyOf(Arrays.copyOfRange(terms, from, count), capacity);
        segments = Arrays.copyOf(Arrays.copyOfRange(segments, from, count), capacity);
        positions = Arrays.copyOf(Arrays.copyOfRange(positions, from, count), capacity);
        base = index;
        count = kept;
    }

    private int slot(long index) {
        if (index <= base || index > base + count) {
            throw new IndexOutOfBoundsException("entry " + index + " of " + base + " to " + last());
        }
        return (int) (index - base - 1);
    }
}
