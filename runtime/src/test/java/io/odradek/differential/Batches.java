package io.odradek.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Crc32C;

/** Record batches, good and bad, and what a fetch brought. */
public final class Batches {
    private static final int CRC_OFFSET = 17;
    private static final int ATTRIBUTES_OFFSET = 21;
    private static final long TIMESTAMP_MS = 1_700_000_000_000L;

    private Batches() {}

    public static MemoryRecords of(String... values) {
        return of(Compression.NONE, values);
    }

    public static MemoryRecords of(Compression compression, String... values) {
        return MemoryRecords.withRecords(compression, records(values));
    }

    static MemoryRecords at(long timestampMs, String value) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(timestampMs, bytes("k"), bytes(value)));
    }

    static MemoryRecords keyless(String value) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(TIMESTAMP_MS, null, bytes(value)));
    }

    static MemoryRecords idempotent(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, (short) epoch, sequence, records(values));
    }

    static MemoryRecords transactional(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) epoch, sequence, records(values));
    }

    public static MemoryRecords ofMagic(byte magic, String... values) {
        var buffer = ByteBuffer.allocate(4096);
        MemoryRecordsBuilder builder =
                MemoryRecords.builder(buffer, magic, Compression.NONE, TimestampType.CREATE_TIME, 0L, TIMESTAMP_MS);
        Arrays.stream(records(values)).forEach(builder::append);
        return builder.build();
    }

    /** Two batches in one partition's data, which a client must not send. */
    public static MemoryRecords two() {
        var first = of("a").buffer();
        var second = of("b").buffer();
        var both = ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first)
                .put(second);
        return MemoryRecords.readableRecords(both.flip());
    }

    /** A copy with bytes changed and a CRC that fits again. */
    public static MemoryRecords changed(MemoryRecords records, Consumer<ByteBuffer> change) {
        var copy = copy(records);
        change.accept(copy);
        int crc = (int) Crc32C.compute(copy, ATTRIBUTES_OFFSET - copy.position(), copy.limit() - ATTRIBUTES_OFFSET);
        copy.putInt(CRC_OFFSET, crc);
        return MemoryRecords.readableRecords(copy);
    }

    /** A copy with bytes changed and the CRC as it was. */
    public static MemoryRecords torn(MemoryRecords records, Consumer<ByteBuffer> change) {
        var copy = copy(records);
        change.accept(copy);
        return MemoryRecords.readableRecords(copy);
    }

    private static ByteBuffer copy(MemoryRecords records) {
        var bytes = new byte[records.sizeInBytes()];
        records.buffer().get(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static SimpleRecord[] records(String... values) {
        return Arrays.stream(values)
                .map(value -> new SimpleRecord(TIMESTAMP_MS, bytes("k"), bytes(value)))
                .toArray(SimpleRecord[]::new);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The records of each partition, in the order of the answer. */
    static JsonNode describe(FetchResponseData response) {
        var all = JsonNodeFactory.instance.arrayNode();
        response.responses().forEach(topic -> topic.partitions().forEach(partition -> {
            var batches = all.addArray();
            if (partition.records() instanceof MemoryRecords records) {
                records.batches().forEach(batch -> batches.add(describe(batch)));
            }
        }));
        return all;
    }

    private static String describe(RecordBatch batch) {
        var text = new StringBuilder();
        text.append(batch.baseOffset())
                .append("..")
                .append(batch.lastOffset())
                .append(' ')
                .append(batch.compressionType())
                .append(' ')
                .append(batch.timestampType())
                .append(" epoch ")
                .append(batch.partitionLeaderEpoch())
                .append(batch.isTransactional() ? " transactional" : "")
                .append(batch.hasProducerId() ? " sequence " + batch.baseSequence() : "");
        batch.forEach(record -> text.append(' ')
                .append(record.offset())
                .append(record.timestamp() == TIMESTAMP_MS ? "" : "@other")
                .append('=')
                .append(record.hasValue() ? StandardCharsets.UTF_8.decode(record.value()) : "null"));
        return text.toString();
    }
}
