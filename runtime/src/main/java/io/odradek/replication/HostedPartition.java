package io.odradek.replication;

/** What this broker has of a partition. */
sealed interface HostedPartition permits PartitionLeader, FollowedPartition, OfflinePartition {}
