package io.odradek.log;

/**
 * A record found by its timestamp.
 *
 * @param timestamp the record's timestamp in ms
 * @param offset the record's offset
 * @param leaderEpoch the leader epoch of its batch, -1 if unknown
 */
public record TimestampOffset(long timestamp, long offset, int leaderEpoch) {}
