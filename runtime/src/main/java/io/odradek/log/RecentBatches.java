package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * What Kafka's producer snapshot has no room for: all batches that are remembered of a producer, where the snapshot has the
 * last alone. In a file of our own beside the snapshot ({@code .recent}), which Apache Kafka does not look at.
 *
 * <p>Version 1, big-endian: version (2 bytes), CRC-32C of what follows it (4), number of producers (4); of each its id (8),
 * epoch (2) and number of batches (2); of each batch, oldest first, last sequence (4), last offset (8), last offset minus
 * first (4), timestamp (8).
 */
final class RecentBatches {
    private static final short VERSION = 1;
    private static final int CRC_OFFSET = 2;
    private static final int COUNT_OFFSET = 6;
    private static final int PRODUCERS_OFFSET = 10;
    private static final int PRODUCER_SIZE = 12;
    private static final int BATCH_SIZE = 24;

    /** The batches of one producer, all of this epoch. */
    private record Known(short epoch, List<ProducerBatch> batches) {}

    private RecentBatches() {}

    /**
     * Leaves no file if the snapshot tells all. Not forced, as the snapshot, but under its name there is only the whole
     * file: a snapshot that a kill left half written gives way to an older one, while this one would be missed.
     */
    static void write(Path path, Collection<ProducerEntry> producers) throws IOException {
        var count = 0;
        var size = PRODUCERS_OFFSET;
        for (var p : producers) {
            if (p.batchCount() > 1) {
                count++;
                size = Math.addExact(size, PRODUCER_SIZE + p.batchCount() * BATCH_SIZE);
            }
        }
        if (count == 0) {
            Files.deleteIfExists(path);
            return;
        }
        var bytes = ByteBuffer.allocate(size);
        bytes.putShort(VERSION).putInt(0).putInt(count);
        for (var p : producers) {
            if (p.batchCount() > 1) {
                bytes.putLong(p.producerId).putShort(p.epoch).putShort((short) p.batchCount());
                for (var batch : p.batches()) {
                    bytes.putInt(batch.lastSequence())
                            .putLong(batch.lastOffset())
                            .putInt(batch.offsetDelta())
                            .putLong(batch.timestamp());
                }
            }
        }
        bytes.putInt(CRC_OFFSET, crc(bytes.array()));
        CheckpointFile.replace(path, bytes.flip(), false);
    }

    /**
     * Gives the producers of a snapshot the batches that it does not have. A producer whose last batch is not the same in
     * both stays as it is.
     *
     * @return false if the file is there but damaged or of another version; nothing is changed then
     */
    static boolean addTo(List<ProducerEntry> producers, Path path) throws IOException {
        if (producers.isEmpty()) {
            return true;
        }
        Map<Long, Known> known;
        try {
            known = parse(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            return true;
        }
        for (var producer : producers) {
            var more = known.get(producer.producerId);
            if (more != null && more.epoch == producer.epoch) {
                producer.extendTo(more.batches);
            }
        }
        return !known.isEmpty();
    }

    /** Empty if damaged: a file is never written for no producer. */
    private static Map<Long, Known> parse(byte[] bytes) {
        var b = ByteBuffer.wrap(bytes);
        if (bytes.length < PRODUCERS_OFFSET || b.getShort() != VERSION || b.getInt() != crc(bytes)) {
            return Map.of();
        }
        var result = new HashMap<Long, Known>();
        for (int left = b.getInt(); left > 0; left--) {
            if (b.remaining() < PRODUCER_SIZE) {
                return Map.of();
            }
            var producerId = b.getLong();
            var epoch = b.getShort();
            var count = b.getShort();
            if (count < 1 || count > ProducerEntry.BATCHES_RETAINED || b.remaining() < count * BATCH_SIZE) {
                return Map.of();
            }
            var batches = new ArrayList<ProducerBatch>(count);
            for (int i = 0; i < count; i++) {
                batches.add(new ProducerBatch(b.getInt(), b.getLong(), b.getInt(), b.getLong()));
            }
            result.put(producerId, new Known(epoch, batches));
        }
        return b.hasRemaining() ? Map.of() : result;
    }

    private static int crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, COUNT_OFFSET, bytes.length - COUNT_OFFSET);
        return (int) crc.getValue();
    }
}
