package io.odradek.api.fetch;

import org.apache.kafka.common.message.FetchResponseData.PartitionData;

/**
 * What was read of a partition.
 *
 * @param target what was asked
 * @param seen what {@link WatchedPartition#look} said before
 * @param atRest whether there is nothing to read, nor anything to be done with the next fetch, until the partition gets on
 */
public record FetchedPartition(
        WatchedPartition partition, FetchTarget target, long seen, PartitionData answer, boolean atRest) {}
