package io.odradek.log;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * What the log knows of one producer: its epoch, its open transaction and its last five batches, by which a batch sent
 * twice is recognised. Touched under the log's lock only.
 */
final class ProducerEntry {
    /** As many as an idempotent producer may have in flight. */
    static final int BATCHES_RETAINED = 5;

    final long producerId;
    short epoch = RecordBatch.NO_PRODUCER_EPOCH;
    int coordinatorEpoch = -1;
    long lastTimestamp = RecordBatch.NO_TIMESTAMP;
    /** First offset of the open transaction, -1 if there is none. */
    long txnFirstOffset = -1;

    private final int[] lastSequences = new int[BATCHES_RETAINED];
    private final int[] offsetDeltas = new int[BATCHES_RETAINED];
    private final long[] lastOffsets = new long[BATCHES_RETAINED];
    private final long[] timestamps = new long[BATCHES_RETAINED];
    private int batches;
    private int newest = -1;

    ProducerEntry(long producerId) {
        this.producerId = producerId;
    }

    boolean hasBatches() {
        return batches > 0;
    }

    int lastSequence() {
        return batches == 0 ? RecordBatch.NO_SEQUENCE : lastSequences[newest];
    }

    long lastOffset() {
        return batches == 0 ? -1 : lastOffsets[newest];
    }

    int lastOffsetDelta() {
        return batches == 0 ? 0 : offsetDeltas[newest];
    }

    /** A new epoch starts sequences anew: earlier batches cannot be duplicates any more. */
    void moveTo(short newEpoch) {
        if (epoch != newEpoch) {
            epoch = newEpoch;
            batches = 0;
        }
    }

    void addBatch(ProducerBatch batch) {
        newest = (newest + 1) % BATCHES_RETAINED;
        lastSequences[newest] = batch.lastSequence();
        lastOffsets[newest] = batch.lastOffset();
        offsetDeltas[newest] = batch.offsetDelta();
        timestamps[newest] = batch.timestamp();
        batches = Math.min(batches + 1, BATCHES_RETAINED);
    }

    int batchCount() {
        return batches;
    }

    /** The retained batches, oldest first. */
    List<ProducerBatch> batches() {
        var result = new ArrayList<ProducerBatch>(batches);
        for (int i = batches - 1; i >= 0; i--) {
            var at = (newest + BATCHES_RETAINED - i) % BATCHES_RETAINED;
            result.add(new ProducerBatch(lastSequences[at], lastOffsets[at], offsetDeltas[at], timestamps[at]));
        }
        return result;
    }

    /** Remembers {@code known}, oldest first, instead, if it ends with the batch that is the last here. */
    void extendTo(List<ProducerBatch> known) {
        if (batches > 0 && known.get(known.size() - 1).isSameAs(batches().get(batches - 1))) {
            batches = 0;
            known.forEach(this::addBatch);
        }
    }

    /** The retained batch with exactly these sequences, null if there is none. */
    DuplicateBatch duplicateOf(short batchEpoch, int firstSequence, int lastSequence) {
        if (batchEpoch != epoch) {
            return null;
        }
        for (int i = 0, at = newest; i < batches; i++, at = (at + BATCHES_RETAINED - 1) % BATCHES_RETAINED) {
            if (lastSequences[at] == lastSequence && firstSequence(at) == firstSequence) {
                return new DuplicateBatch(lastOffsets[at] - offsetDeltas[at], lastOffsets[at], timestamps[at]);
            }
        }
        return null;
    }

    private int firstSequence(int at) {
        // Sequences wrap around at the largest int.
        return (int) ((lastSequences[at] - (long) offsetDeltas[at]) & Integer.MAX_VALUE);
    }
}
