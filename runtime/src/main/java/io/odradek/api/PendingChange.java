package io.odradek.api;

import io.odradek.replication.PartitionLeader;
import org.apache.kafka.common.protocol.Errors;

/** Something done to a partition by its leader that may not have reached enough replicas yet. */
sealed interface PendingChange permits PendingAppend, PendingDeletion {
    PartitionLeader leader();

    /** Whether it is decided what becomes of it; a failure is then in the answer. Idempotent. */
    boolean settle();

    /** Has the answer say that it was not decided in time. */
    void fail(Errors error);
}
