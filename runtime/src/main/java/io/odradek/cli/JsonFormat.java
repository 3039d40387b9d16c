package io.odradek.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * A record as one JSON object on one line: what {@code consume --output json} writes and {@code produce --input json} reads.
 * Bytes that are UTF-8 are a string; others an object {@code {"base64": "…"}}; none is null.
 */
final class JsonFormat implements RecordFormat {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String BASE64 = "base64";

    /** The line for a record, without its end. */
    static byte[] write(ConsumerRecord<byte[], byte[]> record) {
        var headers = new ArrayList<Object>();
        record.headers().forEach(h -> headers.add(Json.object("key", h.key(), "value", bytes(h.value()))));
        return Json.line(Json.object(
                "topic", record.topic(),
                "partition", record.partition(),
                "offset", record.offset(),
                "timestamp", record.timestamp(),
                "timestampType", record.timestampType().name,
                "key", bytes(record.key()),
                "value", bytes(record.value()),
                "headers", headers));
    }

    private static Object bytes(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return Map.of(BASE64, Base64.getEncoder().encodeToString(bytes));
        }
    }

    /** Reads key, value, headers and timestamp; where a record came from does not say where it goes. */
    @Override
    public InputRecord read(byte[] line, long number) {
        try (var parser = FACTORY.createParser(line)) {
            var record = object(parser, number);
            if (parser.nextToken() != null) {
                throw new CommandFailure("line " + number + " has more than one JSON object");
            }
            return record;
        } catch (JsonProcessingException e) {
            throw new CommandFailure("line " + number + " is not JSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("line " + number + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailure("line " + number + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static InputRecord object(JsonParser parser, long number) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, "a JSON object is expected");
        var key = Optional.<byte[]>empty();
        var value = Optional.<byte[]>empty();
        List<Header> headers = List.of();
        var timestamp = OptionalLong.empty();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "key" -> key = readBytes(parser);
                case "value" -> value = readBytes(parser);
                case "headers" -> headers = headers(parser);
                case "timestamp" -> {
                    expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, "timestamp is a number of milliseconds");
                    timestamp = OptionalLong.of(parser.getLongValue());
                }
                case "topic", "partition", "offset", "timestampType" -> parser.skipChildren();
                default -> throw new IllegalArgumentException("unknown field '" + field + "'");
            }
        }
        return new InputRecord(number, key, value, headers, timestamp);
    }

    private static List<Header> headers(JsonParser parser) throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY, "headers are an array of objects with key and value");
        var headers = new ArrayList<Header>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser.currentToken(), JsonToken.START_OBJECT, "a header is an object with key and value");
            String key = null;
            var value = Optional.<byte[]>empty();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                var field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "key" -> key = parser.getValueAsString();
                    case "value" -> value = readBytes(parser);
                    default -> throw new IllegalArgumentException("unknown field '" + field + "' of a header");
                }
            }
            if (key == null) {
                throw new IllegalArgumentException("a header has no key");
            }
            headers.add(new RecordHeader(key, value.orElse(null)));
        }
        return headers;
    }

    private static Optional<byte[]> readBytes(JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case VALUE_NULL -> {
                return Optional.empty();
            }
            case VALUE_STRING -> {
                return Optional.of(parser.getText().getBytes(StandardCharsets.UTF_8));
            }
            case START_OBJECT -> {
                if (!BASE64.equals(parser.nextFieldName())) {
                    throw new IllegalArgumentException("bytes are a string, null or {\"base64\": \"…\"}");
                }
                expect(parser.nextToken(), JsonToken.VALUE_STRING, "base64 is a string");
                var bytes = Base64.getDecoder().decode(parser.getText());
                expect(parser.nextToken(), JsonToken.END_OBJECT, "base64 stands alone in its object");
                return Optional.of(bytes);
            }
            default -> throw new IllegalArgumentException("bytes are a string, null or {\"base64\": \"…\"}");
        }
    }

    private static void expect(JsonToken found, JsonToken expected, String otherwise) {
        if (found != expected) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
