/**
 * Runs state machines over the partitions of internal topics: a request becomes an operation on one shard, the shard
 * decides which records to write and what to answer, the runtime appends the records, and answers once they are committed.
 * Replaying the same records rebuilds the shard. Knows neither groups nor transactions.
 */
package io.odradek.coordinator;
