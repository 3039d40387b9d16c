package io.odradek.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.TransactionCoordinatorFencedException;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jboss.logging.Logger;

/**
 * What one append will change in a producer's state, checked batch by batch before anything is written; the state itself
 * changes only with {@link #commit}, after the write. Rules are those of idempotent producers (KIP-98, KIP-360) and
 * transaction markers (KIP-890).
 */
final class ProducerAppend {
    private static final Logger LOG = Logger.getLogger(ProducerAppend.class);

    private final LogId log;
    private final ProducerEntry current;
    private final AppendOrigin origin;
    /** Null if none is under way. */
    private final Verification verification;

    private final boolean mustBeVerified;
    private final List<ProducerBatch> batches = new ArrayList<>(1);

    private short epoch;
    private int coordinatorEpoch;
    private long lastTimestamp;
    private long txnFirstOffset;
    private boolean isTransactional;
    private boolean hasMarker;

    /** First offsets of the transactions that this append opens. */
    private final List<Long> startedTxns = new ArrayList<>(0);

    ProducerAppend(
            LogId log, ProducerEntry current, AppendOrigin origin, Verification verification, boolean mustBeVerified) {
        this.log = log;
        this.current = current;
        this.origin = origin;
        this.verification = verification;
        this.mustBeVerified = mustBeVerified;
        this.epoch = current.epoch;
        this.coordinatorEpoch = current.coordinatorEpoch;
        this.lastTimestamp = current.lastTimestamp;
        this.txnFirstOffset = current.txnFirstOffset;
    }

    ProducerEntry entry() {
        return current;
    }

    boolean isTransactional() {
        return isTransactional;
    }

    boolean hasMarker() {
        return hasMarker;
    }

    List<Long> startedTxns() {
        return startedTxns;
    }

    void data(ByteBuffer b, int at) {
        var batchEpoch = BatchHeader.producerEpoch(b, at);
        var baseOffset = BatchHeader.baseOffset(b, at);
        var transactional = BatchHeader.isTransactional(b, at);
        checkEpoch(batchEpoch, baseOffset, (short) 0);
        if (transactional) {
            checkVerified(batchEpoch);
            tellIfUnfinished(batchEpoch);
        }
        if (origin == AppendOrigin.CLIENT) {
            checkSequence(batchEpoch, BatchHeader.baseSequence(b, at), baseOffset);
        }
        if (txnFirstOffset >= 0 && !transactional) {
            throw new InvalidTxnStateException("Expected transactional write from producer " + current.producerId
                    + " at offset " + baseOffset + " in partition " + log);
        }
        moveTo(batchEpoch);
        isTransactional |= transactional;
        var lastOffset = BatchHeader.lastOffset(b, at);
        lastTimestamp = BatchHeader.maxTimestamp(b, at);
        batches.add(new ProducerBatch(
                BatchHeader.lastSequence(b, at), lastOffset, (int) (lastOffset - baseOffset), lastTimestamp));
        if (txnFirstOffset < 0 && transactional) {
            txnFirstOffset = baseOffset;
            startedTxns.add(baseOffset);
        }
    }

    /**
     * A control batch. Returns the transaction it completes, null if it has no record any more (cleaned) or the producer
     * had no open transaction.
     */
    CompletedTxn marker(ByteBuffer b, int at, short transactionVersion) {
        var size = (int) BatchHeader.sizeInBytes(b, at);
        var batch = MemoryRecords.readableRecords(
                        b.duplicate().clear().position(at).limit(at + size).slice())
                .batches()
                .iterator()
                .next();
        var records = batch.iterator();
        if (!records.hasNext()) {
            return null;
        }
        var record = records.next();
        var type = ControlRecordType.parse(record.key());
        if (type != ControlRecordType.ABORT && type != ControlRecordType.COMMIT) {
            return null;
        }
        return endTxn(
                EndTransactionMarker.deserialize(record),
                batch.producerEpoch(),
                batch.baseOffset(),
                record.timestamp(),
                transactionVersion);
    }

    private CompletedTxn endTxn(
            EndTransactionMarker marker, short markerEpoch, long offset, long timestamp, short transactionVersion) {
        checkEpoch(markerEpoch, offset, transactionVersion);
        if (coordinatorEpoch > marker.coordinatorEpoch() && origin != AppendOrigin.REPLICATION) {
            throw new TransactionCoordinatorFencedException("Invalid coordinator epoch for producerId "
                    + current.producerId + " at offset " + offset + " in partition " + log + ": "
                    + marker.coordinatorEpoch() + " (zombie), " + coordinatorEpoch + " (current)");
        }
        var completed = txnFirstOffset < 0
                ? null
                : new CompletedTxn(
                        current.producerId, txnFirstOffset, offset, marker.controlType() == ControlRecordType.ABORT);
        moveTo(markerEpoch);
        hasMarker = true;
        coordinatorEpoch = marker.coordinatorEpoch();
        lastTimestamp = timestamp;
        txnFirstOffset = -1;
        return completed;
    }

    private void moveTo(short newEpoch) {
        if (epoch != newEpoch) {
            epoch = newEpoch;
            batches.clear();
        }
    }

    private void checkEpoch(short batchEpoch, long offset, short transactionVersion) {
        var stale = transactionVersion >= 2 ? batchEpoch <= epoch : batchEpoch < epoch;
        if (!stale || origin == AppendOrigin.REPLICATION) {
            return;
        }
        // A coordinator that did not see its marker written sends it again: nothing is open, so it changes nothing.
        // At the largest epoch there is no larger one to send.
        if (transactionVersion >= 2 && batchEpoch == epoch && (txnFirstOffset < 0 || batchEpoch == Short.MAX_VALUE)) {
            return;
        }
        throw new InvalidProducerEpochException("Epoch of producer " + current.producerId + " at offset " + offset
                + " in " + log + " is " + batchEpoch + ", which is " + (transactionVersion >= 2 ? "<=" : "<")
                + " the last seen epoch " + epoch);
    }

    /**
     * A batch that no coordinator knows of would never get a marker, and hold back readers for ever. Once the first batch
     * of a transaction is in the log, the transaction is known, and so it is until its marker comes.
     */
    private void checkVerified(short batchEpoch) {
        if (!mustBeVerified || origin == AppendOrigin.REPLICATION || txnFirstOffset >= 0 && epoch == batchEpoch) {
            return;
        }
        if (verification == null || !verification.verified || verification.epoch != batchEpoch) {
            // The client is told no more than that, by Kafka's protocol.
            LOG.infof(
                    "Refused a batch of producer %d with epoch %d in %s: its transaction is not verified (%s; the log has epoch %d)",
                    current.producerId, batchEpoch, log, verification, epoch);
            throw new InvalidTxnStateException("Record was not part of an ongoing transaction");
        }
    }

    /** Every transaction gets its marker before the producer's next one may begin; if not, the two are one from here on. */
    private void tellIfUnfinished(short batchEpoch) {
        if (txnFirstOffset >= 0 && batchEpoch > epoch && origin != AppendOrigin.REPLICATION) {
            LOG.warnf(
                    "Producer %d writes to %s with epoch %d, where its transaction of epoch %d is open since offset %d",
                    current.producerId, log, batchEpoch, epoch, txnFirstOffset);
        }
    }

    private void checkSequence(short batchEpoch, int firstSequence, long offset) {
        if (verification != null) {
            checkFirstSequence(firstSequence, offset);
        }
        if (batchEpoch != epoch) {
            // Of a producer that is not known (its records were deleted, its state expired) any sequence is accepted.
            if (firstSequence != 0 && epoch != RecordBatch.NO_PRODUCER_EPOCH) {
                throw new OutOfOrderSequenceException("Invalid sequence number for new epoch of producer "
                        + current.producerId + " at offset " + offset + " in partition " + log + ": " + batchEpoch
                        + " (request epoch), " + firstSequence + " (seq. number), " + epoch
                        + " (current producer epoch)");
            }
            return;
        }
        int last;
        if (!batches.isEmpty()) {
            last = batches.get(batches.size() - 1).lastSequence();
        } else {
            last = batchEpoch == current.epoch ? current.lastSequence() : RecordBatch.NO_SEQUENCE;
        }
        if (current.epoch != RecordBatch.NO_PRODUCER_EPOCH && !follows(last, firstSequence)) {
            throw new OutOfOrderSequenceException("Out of order sequence number for producer " + current.producerId
                    + " at offset " + offset + " in partition " + log + ": " + firstSequence
                    + " (incoming seq. number), " + last + " (current end sequence number)");
        }
    }

    private void checkFirstSequence(int firstSequence, long offset) {
        if (verification.addsPartitions && firstSequence != 0 && !current.hasBatches()) {
            throw new OutOfOrderSequenceException("Invalid sequence number for producer " + current.producerId
                    + " at offset " + offset + " in partition " + log + ": " + firstSequence
                    + " (incoming seq. number). Expected sequence 0 for transactions v2 idempotent producer with no"
                    + " existing state.");
        }
        if (firstSequence > verification.lowestSequence) {
            throw new OutOfOrderSequenceException("Out of order sequence number for producer " + current.producerId
                    + " at offset " + offset + " in partition " + log + ": " + firstSequence
                    + " (incoming seq. number), " + verification.lowestSequence + " (earliest seen sequence)");
        }
    }

    private static boolean follows(int last, int next) {
        return next == last + 1L || (next == 0 && last == Integer.MAX_VALUE);
    }

    /** The records are in the log: the producer's state follows. */
    void commit() {
        current.moveTo(epoch);
        batches.forEach(current::addBatch);
        current.coordinatorEpoch = coordinatorEpoch;
        current.lastTimestamp = lastTimestamp;
        current.txnFirstOffset = txnFirstOffset;
    }
}
