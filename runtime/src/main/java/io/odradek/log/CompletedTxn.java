package io.odradek.log;

/** A transaction whose marker was just appended at {@code lastOffset}. */
record CompletedTxn(long producerId, long firstOffset, long lastOffset, boolean aborted) {}
