package io.odradek.replication;

/** A replica whose log directory has failed. */
record OfflinePartition() implements HostedPartition {}
