package io.odradek.config;

/**
 * Transactions.
 *
 * @param topicPartitions {@code transaction.state.log.num.partitions}
 * @param topicReplicationFactor {@code transaction.state.log.replication.factor}
 * @param topicMinIsr {@code transaction.state.log.min.isr}
 * @param topicSegmentBytes {@code transaction.state.log.segment.bytes}
 * @param maxTimeoutMs {@code transaction.max.timeout.ms}
 * @param transactionalIdExpirationMs {@code transactional.id.expiration.ms}
 * @param partitionVerificationEnable {@code transaction.partition.verification.enable}
 * @param twoPhaseCommitEnable {@code transaction.two.phase.commit.enable}
 */
public record TransactionSettings(
        int topicPartitions,
        short topicReplicationFactor,
        int topicMinIsr,
        int topicSegmentBytes,
        int maxTimeoutMs,
        int transactionalIdExpirationMs,
        boolean partitionVerificationEnable,
        boolean twoPhaseCommitEnable) {}
