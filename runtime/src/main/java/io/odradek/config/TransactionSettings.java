package io.odradek.config;

import java.util.List;

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
 * @param abortTimedOutIntervalMs {@code transaction.abort.timed.out.transaction.cleanup.interval.ms}
 * @param removeExpiredIntervalMs {@code transaction.remove.expired.transaction.cleanup.interval.ms}
 * @param addPartitionsRetryBackoffMs {@code add.partitions.to.txn.retry.backoff.ms}
 * @param addPartitionsRetryBackoffMaxMs {@code add.partitions.to.txn.retry.backoff.max.ms}
 */
public record TransactionSettings(
        int topicPartitions,
        short topicReplicationFactor,
        int topicMinIsr,
        int topicSegmentBytes,
        int maxTimeoutMs,
        int transactionalIdExpirationMs,
        boolean partitionVerificationEnable,
        boolean twoPhaseCommitEnable,
        int abortTimedOutIntervalMs,
        int removeExpiredIntervalMs,
        int addPartitionsRetryBackoffMs,
        int addPartitionsRetryBackoffMaxMs) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            transaction.state.log.num.partitions | int | 50 | 1.. | high | read-only | yes | Partitions of the topic that keeps the state of transactions.
            transaction.state.log.replication.factor | short | 3 | 1.. | high | read-only | yes | Replicas of the topic that keeps the state of transactions; fewer while there are fewer brokers.
            transaction.state.log.min.isr | int | 2 | 1.. | high | read-only | yes | In-sync replicas that a write to the state of transactions needs.
            transaction.state.log.segment.bytes | int | 104857600 | 1.. | high | read-only | yes | Segment size of the topic that keeps the state of transactions.
            transaction.state.log.load.buffer.size | int | 5242880 | 1.. | high | read-only | no | How much is read at a time when the state of transactions is loaded.
            transaction.max.timeout.ms | int | 900000 | 1.. | high | read-only | yes | The longest timeout that a transaction may ask for.
            transactional.id.expiration.ms | int | 604800000 | 1.. | high | read-only | yes | How long a transactional id without a transaction is remembered.
            transaction.abort.timed.out.transaction.cleanup.interval.ms | int | 10000 | 1.. | low | read-only | yes | How often transactions are searched for those to abort.
            transaction.remove.expired.transaction.cleanup.interval.ms | int | 3600000 | 1.. | low | read-only | yes | How often transactional ids are searched for those to forget.
            transaction.partition.verification.enable | boolean | true | | low | cluster-wide | yes | Whether a transactional write is checked to belong to an open transaction.
            transaction.two.phase.commit.enable | boolean | false | | low | read-only | yes | Whether transactions may be prepared and committed by an outside coordinator.
            add.partitions.to.txn.retry.backoff.ms | int | 20 | 1.. | high | read-only | yes | Pause before partitions are added to a transaction again.
            add.partitions.to.txn.retry.backoff.max.ms | int | 100 | 0.. | high | read-only | yes | The longest time to go on adding partitions to a transaction.
            """);

    static TransactionSettings of(SettingValues v) {
        return new TransactionSettings(
                v.integer("transaction.state.log.num.partitions"),
                v.shortValue("transaction.state.log.replication.factor"),
                v.integer("transaction.state.log.min.isr"),
                v.integer("transaction.state.log.segment.bytes"),
                v.integer("transaction.max.timeout.ms"),
                v.integer("transactional.id.expiration.ms"),
                v.flag("transaction.partition.verification.enable"),
                v.flag("transaction.two.phase.commit.enable"),
                v.integer("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
                v.integer("transaction.remove.expired.transaction.cleanup.interval.ms"),
                v.integer("add.partitions.to.txn.retry.backoff.ms"),
                v.integer("add.partitions.to.txn.retry.backoff.max.ms"));
    }
}
