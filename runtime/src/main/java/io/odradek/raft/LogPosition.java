package io.odradek.raft;

import java.util.Comparator;

/** The last entry of a log. The greater of two positions is that of the log that is more up to date (Raft §5.4.1). */
record LogPosition(long term, long index) implements Comparable<LogPosition> {
    private static final Comparator<LogPosition> ORDER =
            Comparator.comparingLong(LogPosition::term).thenComparingLong(LogPosition::index);

    @Override
    public int compareTo(LogPosition other) {
        return ORDER.compare(this, other);
    }
}
