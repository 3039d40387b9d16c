package io.odradek.api;

import io.odradek.replication.PartitionLeader;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;

/**
 * An append of a Produce request that may not be safe yet.
 *
 * @param lastOffset offset of the last record appended
 * @param acks as in the request: how safe it has to be
 * @param answer what is told of it, if nothing goes wrong
 */
record PendingAppend(PartitionLeader leader, long lastOffset, short acks, PartitionProduceResponse answer)
        implements PendingChange {
    @Override
    public boolean settle() {
        switch (leader.acknowledgement(acks, lastOffset)) {
            case GIVEN -> {
                return true;
            }
            case NOT_ENOUGH_REPLICAS -> fail(Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
            case PENDING -> {
                if (leader.resignedBecause() == Errors.NONE) {
                    return false;
                }
                fail(leader.resignedBecause());
            }
        }
        return true;
    }

    @Override
    public void fail(Errors error) {
        answer.setErrorCode(error.code());
    }
}
