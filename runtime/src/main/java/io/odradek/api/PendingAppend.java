package io.odradek.api;

import io.odradek.replication.PartitionLeader;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;

/**
 * An append of a Produce request that may not be safe yet.
 *
 * @param lastOffset offset of the last record appended
 * @param answer what is told of it, if nothing goes wrong
 */
record PendingAppend(PartitionLeader leader, long lastOffset, PartitionProduceResponse answer) {
    /** Whether it is decided what becomes of it; a failure is then in {@code answer}. */
    boolean settle(short acks) {
        switch (leader.acknowledgement(acks, lastOffset)) {
            case GIVEN -> {
                return true;
            }
            case NOT_ENOUGH_REPLICAS -> answer.setErrorCode(Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND.code());
            case PENDING -> {
                if (leader.resignedBecause() == Errors.NONE) {
                    return false;
                }
                answer.setErrorCode(leader.resignedBecause().code());
            }
        }
        return true;
    }
}
