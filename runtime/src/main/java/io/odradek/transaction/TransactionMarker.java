package io.odradek.transaction;

import org.apache.kafka.common.requests.TransactionResult;

/**
 * What ends a transaction in a partition.
 *
 * @param coordinatorEpoch leader epoch of the coordinator's partition: a marker of an older coordinator is refused
 * @param transactionVersion from 2 on the epoch must be newer than that of the transaction's records (KIP-890)
 */
public record TransactionMarker(
        long producerId,
        short producerEpoch,
        int coordinatorEpoch,
        TransactionResult result,
        short transactionVersion) {}
