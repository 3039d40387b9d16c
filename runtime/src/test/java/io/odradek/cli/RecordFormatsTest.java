package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordFormatsTest {
    private static Optional<String> text(Optional<byte[]> bytes) {
        return bytes.map(b -> new String(b, StandardCharsets.UTF_8));
    }

    private static InputRecord read(RecordFormat format, String line) {
        return format.read(line.getBytes(StandardCharsets.UTF_8), 3);
    }

    @Test
    void aLineIsAValue() {
        var record = read(TextFormat.of(Optional.empty(), Optional.empty()), "a:b");

        assertEquals(Optional.empty(), record.key());
        assertEquals(Optional.of("a:b"), text(record.value()));
        assertEquals(3, record.line());
    }

    @Test
    void aLineIsKeyAndValueUpToTheFirstSeparator() {
        var format = TextFormat.of(Optional.of("::"), Optional.of("NULL"));

        assertEquals(Optional.of("a"), text(read(format, "a::b::c").key()));
        assertEquals(Optional.of("b::c"), text(read(format, "a::b::c").value()));
        assertEquals(Optional.of(""), text(read(format, "::b").key()));
        assertEquals(Optional.of(""), text(read(format, "a::").value()));
        assertEquals(Optional.empty(), read(format, "a::NULL").value());
        assertEquals(Optional.empty(), read(format, "NULL::b").key());
        var failure = assertThrows(CommandFailure.class, () -> read(format, "a:b"));
        assertEquals("line 3 has no key separator", failure.getMessage());
    }

    @Test
    void jsonMayLeaveOutWhatThereIsNot() {
        var record = read(new JsonFormat(), "{}");

        assertEquals(Optional.empty(), record.key());
        assertEquals(Optional.empty(), record.value());
        assertTrue(record.headers().isEmpty());
        assertEquals(OptionalLong.empty(), record.timestampMs());
    }

    @Property(tries = 200)
    void whatConsumePrintsAsJsonProduceReads(
            @ForAll byte[] key, @ForAll byte[] value, @ForAll String header, @ForAll byte[] headerValue) {
        var headers = new RecordHeaders().add("h" + header.replaceAll("[\\ud800-\\udfff]", ""), headerValue);
        headers.add("none", null);
        var consumed = new ConsumerRecord<>(
                "topic",
                1,
                2,
                1_700_000_000_000L,
                TimestampType.CREATE_TIME,
                0,
                0,
                key,
                value,
                headers,
                Optional.empty());

        var record = new JsonFormat().read(JsonFormat.write(consumed), 1);

        assertArrayEquals(key, record.key().orElseThrow());
        assertArrayEquals(value, record.value().orElseThrow());
        assertEquals(OptionalLong.of(1_700_000_000_000L), record.timestampMs());
        assertEquals(headers, new RecordHeaders(record.headers()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x                          | line 3 is not JSON: Unrecognized token",
                "[1]                        | line 3: a JSON object is expected",
                "{\"value\": 1}             | line 3: bytes are a string",
                "{\"value\": \"a\"} {}      | line 3 has more than one JSON object",
                "{\"value\": \"a            | line 3 is not JSON",
                "{\"vale\": \"a\"}          | line 3: unknown field 'vale'",
                "{\"key\":\"a\",\"key\":\"b\"} | line 3 is not JSON: Duplicate field 'key'",
                "{\"timestamp\": \"now\"}   | line 3: timestamp is a number",
                "{\"headers\": {\"a\": 1}}  | line 3: headers are an array",
                "{\"headers\": [{\"value\": \"a\"}]} | line 3: a header has no key",
                "{\"value\": {\"base64\": \"**\"}} | line 3: Illegal base64",
                "{\"value\": {\"hex\": \"00\"}} | line 3: bytes are a string",
            })
    void namesTheLineThatIsNoRecord(String line, String message) {
        var failure = assertThrows(CommandFailure.class, () -> read(new JsonFormat(), line));
        assertTrue(failure.getMessage().startsWith(message), failure.getMessage());
    }
}
