package io.odradek.replication;

/**
 * A follower in sync that has what a consumer asks for, as far as its leader knows.
 *
 * @param caughtUpAgoMs since when it has not had all there is; 0 if it has
 */
public record ReadableFollower(int brokerId, long endOffset, long caughtUpAgoMs) {}
