package io.odradek.broker;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * Well-formed requests of any API and version, made from its schema: the fields have values that are more often
 * interesting than sensible.
 */
final class RandomRequests {
    private static final String[] STRINGS = {
        "",
        "fuzz",
        "fuzz",
        "fuzz.a",
        "fuzz_a",
        ".",
        "..",
        "a b",
        "\n",
        "retention.ms",
        "cleanup.policy",
        "1",
        "-1",
        "é\u0000",
        "__consumer_offsets",
        "__cluster_metadata",
        "x".repeat(250)
    };
    private static final long[] NUMBERS = {0, 0, 1, 1, 2, 3, 100, -1, -2, -5, Long.MAX_VALUE, Long.MIN_VALUE};

    private final Random random;
    private int correlationId;

    RandomRequests(Random random) {
        this.random = random;
    }

    RequestHeader header(ApiKeys api, short version) {
        return new RequestHeader(api, version, "fuzz", ++correlationId);
    }

    /** @return header and body */
    ByteBuffer request(RequestHeader header) {
        var schema = ApiMessageType.fromApiKey(header.apiKey().id).requestSchemas()[header.apiVersion()];
        var body = (Struct) value("", schema, 0);
        var headerBytes = header.data();
        var cache = new ObjectSerializationCache();
        int headerSize = headerBytes.size(cache, header.headerVersion());
        var buffer = ByteBuffer.allocate(headerSize + schema.sizeOf(body));
        headerBytes.write(new ByteBufferAccessor(buffer), cache, header.headerVersion());
        schema.write(buffer, body);
        return buffer.flip();
    }

    private Object value(String name, Type type, int depth) {
        if (type instanceof TaggedFields tagged) {
            return tagged(tagged, depth);
        }
        if (type.isArray()) {
            if (type.isNullable() && random.nextInt(5) == 0) {
                return null;
            }
            var array = new Object[random.nextInt(depth == 0 ? 4 : 3)];
            for (int i = 0; i < array.length; i++) {
                array[i] = value(name, type.arrayElementType().orElseThrow(), depth + 1);
            }
            return array;
        }
        if (type.isNullable() && random.nextInt(4) == 0) {
            return null;
        }
        if (type instanceof Schema schema) {
            var struct = new Struct(schema);
            for (var field : schema.fields()) {
                struct.set(field, value(field.def.name, field.def.type, depth + 1));
            }
            return struct;
        }
        return scalar(name, type.toString());
    }

    private Map<Integer, Object> tagged(TaggedFields type, int depth) {
        var values = new TreeMap<Integer, Object>();
        type.fields().forEach((tag, field) -> {
            if (random.nextBoolean()) {
                values.put(tag, value(field.name, field.type, depth + 1));
            }
        });
        return values;
    }

    private Object scalar(String name, String type) {
        long number = number(name);
        return switch (type) {
            case "BOOLEAN" -> random.nextBoolean();
            case "INT8" -> (byte) number;
            case "INT16" -> (short) number;
            case "UINT16" -> (int) number & 0xffff;
            case "INT32" -> (int) number;
            case "UINT32" -> number & 0xffff_ffffL;
            case "INT64" -> number;
            case "FLOAT64" -> (double) number;
            case "UUID" -> random.nextBoolean() ? Uuid.ZERO_UUID : new Uuid(random.nextInt(3), random.nextInt(3));
            case "RECORDS", "COMPACT_RECORDS", "NULLABLE_RECORDS", "COMPACT_NULLABLE_RECORDS" -> records();
            case "BYTES", "COMPACT_BYTES", "NULLABLE_BYTES", "COMPACT_NULLABLE_BYTES" -> ByteBuffer.wrap(garbage(30));
            default -> {
                if (!type.endsWith("STRING")) {
                    throw new IllegalArgumentException("no value for a field of type " + type);
                }
                yield STRINGS[random.nextInt(STRINGS.length)];
            }
        };
    }

    /** The request must be answered, and soon. */
    private long number(String name) {
        if (name.equals("acks")) {
            return random.nextInt(4) == 0 ? 7 : random.nextBoolean() ? 1 : -1;
        }
        var number = NUMBERS[random.nextInt(NUMBERS.length)];
        return name.startsWith("timeout") || name.startsWith("max_wait") ? Math.min(number, 50) : number;
    }

    private MemoryRecords records() {
        var good = BesiegedBroker.records("a", "b", "c").buffer();
        return MemoryRecords.readableRecords(
                switch (random.nextInt(4)) {
                    case 0 -> good.limit(random.nextInt(good.limit())).slice();
                    case 1 -> ByteBuffer.wrap(garbage(200));
                    case 2 -> good.put(random.nextInt(good.limit()), (byte) random.nextInt());
                    default -> good;
                });
    }

    private byte[] garbage(int max) {
        var bytes = new byte[random.nextInt(max)];
        random.nextBytes(bytes);
        return bytes;
    }
}
