package io.odradek.log;

/**
 * An aborted transaction, as a fetch with {@code read_committed} needs it.
 *
 * @param firstOffset offset of the transaction's first record
 * @param lastOffset offset of its abort marker
 * @param lastStableOffset the last stable offset right after the marker
 */
public record AbortedTxn(long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
