package io.odradek.log;

import java.nio.ByteBuffer;
import org.apache.kafka.common.InvalidRecordException;

/**
 * Walks the records of an uncompressed batch where they lie: reads the few numbers of each record, steps over keys,
 * values and headers, and creates no object per record. The most executed code of producing.
 */
final class PlainRecords {
    private final ByteBuffer batch;
    private final int end;
    private int position;

    private PlainRecords(ByteBuffer batch) {
        this.batch = batch;
        this.end = batch.limit();
        this.position = BatchHeader.SIZE;
    }

    /**
     * @param batch from 0 to its limit exactly one batch
     * @throws InvalidRecordException if the bytes are not {@code count} whole records and nothing else
     */
    static void check(ByteBuffer batch, int count, RecordChecks checks) {
        try {
            new PlainRecords(batch).walk(count, checks);
        } catch (IndexOutOfBoundsException e) {
            // Single bytes are read without asking first whether there is one: the buffer's limit is the batch's end.
            throw new InvalidRecordException("Incorrect declared batch size, premature EOF reached");
        }
    }

    private void walk(int count, RecordChecks checks) {
        for (int index = 0; index < count; index++) {
            var size = varint();
            var start = position;
            if (size < 0 || size > end - start) {
                throw new InvalidRecordException("Invalid record size: " + size + " bytes declared, the batch has "
                        + (end - start) + " bytes left");
            }
            var recordEnd = start + size;
            position++; // attributes: none is defined
            var timestampDelta = varlong();
            var offsetDelta = varint();
            var keySize = varint();
            skip(keySize, recordEnd);
            skip(varint(), recordEnd);
            var headers = varint();
            if (headers != 0) {
                skipHeaders(headers, recordEnd);
            }
            if (position != recordEnd) {
                throw new InvalidRecordException(
                        "Invalid record size: " + size + " bytes declared, " + (position - start) + " bytes found");
            }
            checks.record(index, offsetDelta, timestampDelta, keySize >= 0);
        }
        if (position != end) {
            throw new InvalidRecordException("Incorrect declared batch size, records still remaining");
        }
    }

    private void skipHeaders(int headers, int recordEnd) {
        if (headers < 0 || headers > recordEnd - position) {
            throw new InvalidRecordException("Found invalid number of record headers " + headers);
        }
        for (int i = 0; i < headers; i++) {
            var keySize = varint();
            if (keySize < 0) {
                throw new InvalidRecordException("Invalid negative header key size " + keySize);
            }
            skip(keySize, recordEnd);
            skip(varint(), recordEnd);
        }
    }

    private void skip(int size, int recordEnd) {
        if (size > recordEnd - position) {
            throw new InvalidRecordException("Found invalid record structure: a field of " + size + " bytes where "
                    + (recordEnd - position) + " are left");
        }
        if (size > 0) {
            position += size;
        }
    }

    private int varint() {
        int b = batch.get(position++);
        if (b < 0) {
            b = restOfVarint(b & 0x7f);
        }
        return (b >>> 1) ^ -(b & 1);
    }

    private int restOfVarint(int value) {
        for (int shift = 7; shift <= 28; shift += 7) {
            int b = batch.get(position++);
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new InvalidRecordException("Found invalid record structure: a varint of more than 5 bytes");
    }

    private long varlong() {
        long b = batch.get(position++);
        if (b < 0) {
            b = restOfVarlong(b & 0x7f);
        }
        return (b >>> 1) ^ -(b & 1);
    }

    private long restOfVarlong(long value) {
        for (int shift = 7; shift <= 63; shift += 7) {
            long b = batch.get(position++);
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new InvalidRecordException("Found invalid record structure: a varlong of more than 10 bytes");
    }
}
