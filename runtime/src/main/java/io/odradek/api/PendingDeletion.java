package io.odradek.api;

import io.odradek.replication.PartitionLeader;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.protocol.Errors;

/**
 * A deletion of records that may not have reached all replicas yet.
 *
 * @param offset everything below is to be deleted
 * @param answer what is told of it; its low watermark is as it was last seen
 */
record PendingDeletion(PartitionLeader leader, long offset, DeleteRecordsPartitionResult answer) {
    /** Whether it is decided what becomes of it; a failure is then in {@code answer}. */
    boolean settle() {
        if (leader.resignedBecause() != Errors.NONE) {
            answer.setErrorCode(leader.resignedBecause().code());
            return true;
        }
        long lowWatermark = leader.lowWatermark();
        answer.setLowWatermark(lowWatermark);
        return lowWatermark >= offset;
    }
}
