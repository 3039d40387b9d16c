package io.odradek.log;

/**
 * A producer whose state the log keeps (DescribeProducers).
 *
 * @param lastTimestampMs timestamp of its last batch or marker
 * @param coordinatorEpoch epoch of the coordinator that wrote its last marker, -1 if none
 * @param currentTxnStartOffset first offset of its open transaction, -1 if none
 */
public record ActiveProducer(
        long producerId,
        short producerEpoch,
        int lastSequence,
        long lastTimestampMs,
        int coordinatorEpoch,
        long currentTxnStartOffset) {}
