package io.odradek.log;

/** Where a log ends: the next offset, and the byte after the last batch. Published as one value, so that readers agree. */
record LogEnd(long offset, LogSegment segment, int position) {}
