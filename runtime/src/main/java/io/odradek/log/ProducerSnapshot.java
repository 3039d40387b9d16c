package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The state of all producers at an offset, in a file named after it ({@code .snapshot}), so that the log before need not
 * be read. Kafka's version 1: version (2 bytes), CRC-32C of what follows it (4), number of producers (4), 46 bytes each.
 */
final class ProducerSnapshot {
    private static final short VERSION = 1;
    private static final int CRC_OFFSET = 2;
    private static final int ENTRIES_OFFSET = 6;
    private static final int ENTRY_SIZE = 46;

    private ProducerSnapshot() {}

    /** Not forced: a snapshot that a crash damaged fails its CRC, and an older one or the log itself takes its place. */
    static void write(Path path, Collection<ProducerEntry> producers) throws IOException {
        var bytes = ByteBuffer.allocate(ENTRIES_OFFSET + 4 + producers.size() * ENTRY_SIZE);
        bytes.putShort(VERSION).putInt(0).putInt(producers.size());
        for (var p : producers) {
            bytes.putLong(p.producerId)
                    .putShort(p.epoch)
                    .putInt(p.lastSequence())
                    .putLong(p.lastOffset())
                    .putInt(p.lastOffsetDelta())
                    .putLong(p.lastTimestamp)
                    .putInt(p.coordinatorEpoch)
                    .putLong(p.txnFirstOffset);
        }
        bytes.putInt(CRC_OFFSET, crc(bytes.array()));
        Files.write(
                path,
                bytes.array(),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
    }

    /** Empty if the file is damaged. */
    static Optional<List<ProducerEntry>> read(Path path) throws IOException {
        var bytes = Files.readAllBytes(path);
        var b = ByteBuffer.wrap(bytes);
        if (bytes.length < ENTRIES_OFFSET + 4 || b.getShort() != VERSION || b.getInt() != crc(bytes)) {
            return Optional.empty();
        }
        var count = b.getInt();
        if (count < 0 || b.remaining() != (long) count * ENTRY_SIZE) {
            return Optional.empty();
        }
        var result = new ArrayList<ProducerEntry>(count);
        for (int i = 0; i < count; i++) {
            var entry = new ProducerEntry(b.getLong());
            entry.epoch = b.getShort();
            var lastSequence = b.getInt();
            var lastOffset = b.getLong();
            var offsetDelta = b.getInt();
            entry.lastTimestamp = b.getLong();
            if (lastOffset >= 0) {
                entry.addBatch(new ProducerBatch(lastSequence, lastOffset, offsetDelta, entry.lastTimestamp));
            }
            entry.coordinatorEpoch = b.getInt();
            entry.txnFirstOffset = b.getLong();
            result.add(entry);
        }
        return Optional.of(result);
    }

    private static int crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, ENTRIES_OFFSET, bytes.length - ENTRIES_OFFSET);
        return (int) crc.getValue();
    }
}
