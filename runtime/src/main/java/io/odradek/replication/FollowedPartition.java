package io.odradek.replication;

import io.odradek.log.PartitionLog;

/** A replica whose leader is another broker, or nobody at the moment. */
record FollowedPartition(PartitionLog log, int leaderEpoch) implements HostedPartition {}
