package io.odradek.log;

/** A batch in the log that a producer sent again. */
record DuplicateBatch(long baseOffset, long lastOffset, long maxTimestamp) {}
