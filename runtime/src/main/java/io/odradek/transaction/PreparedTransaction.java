package io.odradek.transaction;

import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * A transaction whose outcome is decided and committed in the coordinator's log, and which the partitions are to be told.
 *
 * @param marker as all partitions get it
 * @param inCharge whether the shard that decided it is still there; if not, whoever was loaded after it tells the
 *     partitions. May be asked from any thread
 */
record PreparedTransaction(
        String transactionalId, TransactionMarker marker, Set<TopicPartition> partitions, BooleanSupplier inCharge) {}
