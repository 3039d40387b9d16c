package io.odradek.api;

import io.odradek.replication.PartitionLeader;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.protocol.Errors;

/**
 * A deletion of records that may not have reached all replicas yet. Followers hear of a new log start offset with an answer
 * to their fetches, and tell theirs with the next one.
 *
 * @param offset everything below is to be deleted
 * @param answer what is told of it; its low watermark is as it was last seen
 */
record PendingDeletion(PartitionLeader leader, long offset, DeleteRecordsPartitionResult answer)
        implements PendingChange {
    @Override
    public boolean settle() {
        if (leader.resignedBecause() != Errors.NONE) {
            fail(leader.resignedBecause());
            return true;
        }
        long lowWatermark = leader.lowWatermark();
        answer.setLowWatermark(lowWatermark);
        return lowWatermark >= offset;
    }

    @Override
    public void fail(Errors error) {
        answer.setErrorCode(error.code());
    }
}
