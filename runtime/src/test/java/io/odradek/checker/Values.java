package io.odradek.checker;

/** Values that nobody else writes: a writer's number and a sequence number of its own. */
final class Values {
    private static final long WRITER = 1_000_000_000_000L;

    private Values() {}

    static long of(int writer, long sequence) {
        return writer * WRITER + sequence;
    }

    static String text(long value) {
        return value / WRITER + "." + value % WRITER;
    }
}
