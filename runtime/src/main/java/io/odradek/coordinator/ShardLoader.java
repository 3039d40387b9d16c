package io.odradek.coordinator;

import java.io.IOException;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.TransactionResult;
import org.jboss.logging.Logger;

/** Replays a log into a new shard. */
final class ShardLoader {
    private static final Logger LOG = Logger.getLogger(ShardLoader.class);

    private final ShardLog log;
    private final RecordCodec codec;
    private final CoordinatorShard shard;
    private long records;
    private long unknown;

    ShardLoader(ShardLog log, RecordCodec codec, CoordinatorShard shard) {
        this.log = log;
        this.codec = codec;
        this.shard = shard;
    }

    /**
     * Waits for the disk.
     *
     * @return how many records were replayed
     * @throws IOException the log cannot be read
     * @throws RuntimeException a record cannot be understood
     */
    long load() throws IOException {
        log.replay(this::replay);
        if (unknown > 0) {
            LOG.warnf(
                    "%d records of %s are of types that this version does not know, and were ignored",
                    unknown, log.name());
        }
        return records;
    }

    private void replay(RecordBatch batch) {
        if (batch.isControlBatch()) {
            endTransaction(batch);
            return;
        }
        for (var record : batch) {
            records++;
            if (!record.hasKey()) {
                unknown++;
                continue;
            }
            codec.decode(record.key(), record.hasValue() ? record.value() : null)
                    .ifPresentOrElse(r -> replay(batch, r), () -> unknown++);
        }
    }

    private void replay(RecordBatch batch, CoordinatorRecord record) {
        if (batch.isTransactional()) {
            shard.replayTransactional(batch.producerId(), batch.producerEpoch(), record);
        } else {
            shard.replay(record);
        }
    }

    private void endTransaction(RecordBatch batch) {
        for (Record record : batch) {
            switch (ControlRecordType.parse(record.key())) {
                case COMMIT ->
                    shard.endTransaction(batch.producerId(), batch.producerEpoch(), TransactionResult.COMMIT);
                case ABORT -> shard.endTransaction(batch.producerId(), batch.producerEpoch(), TransactionResult.ABORT);
                default -> {}
            }
        }
    }
}
