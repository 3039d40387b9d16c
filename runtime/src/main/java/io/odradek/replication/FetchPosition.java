package io.odradek.replication;

/**
 * Where a follower goes on.
 *
 * @param offset its log end offset
 * @param lastEpoch the latest leader epoch in its log, -1 if there is none
 * @param logStartOffset of its log
 */
record FetchPosition(long offset, int lastEpoch, long logStartOffset) {}
