package io.odradek.log;

/**
 * What is checkpointed of a log beside its own files.
 *
 * @param recoveryPoint everything below was forced to the device
 */
record LogCheckpoint(long recoveryPoint, long logStartOffset, long highWatermark) {
    static final LogCheckpoint ZERO = new LogCheckpoint(0, 0, 0);
}
