package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    private static List<String> lines(InputStream in) throws IOException {
        var reader = new LineReader(in, 1_000_000);
        var lines = new ArrayList<String>();
        for (var line = reader.next(); line.isPresent(); line = reader.next()) {
            lines.add(new String(line.get(), StandardCharsets.ISO_8859_1));
            assertEquals(lines.size(), reader.number());
        }
        return lines;
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void splitsAtEitherEndOfLine() throws IOException {
        assertEquals(List.of(), lines(text("")));
        assertEquals(List.of("a", "", "b", "c\rd"), lines(text("a\n\nb\r\nc\rd")));
        assertEquals(List.of("a"), lines(text("a\n")));
    }

    @Property(tries = 200)
    void joinsWhatTheStreamHandsOutInPieces(@ForAll List<@Size(max = 50) byte[]> values) throws IOException {
        var expected = new ArrayList<String>();
        var all = new StringBuilder();
        for (var value : values) {
            var line = new String(value, StandardCharsets.ISO_8859_1)
                    .replace('\n', '.')
                    .replace('\r', '.');
            expected.add(line);
            all.append(line).append('\n');
        }
        var bytes = all.toString().getBytes(StandardCharsets.ISO_8859_1);
        var pieces = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 3));
            }
        };

        assertEquals(expected, lines(pieces));
    }

    @Test
    void passesBytesThatAreNoText() throws IOException {
        var bytes = new byte[] {0, (byte) 0xff, (byte) 0xc3, '\t'};
        assertArrayEquals(
                bytes,
                new LineReader(new ByteArrayInputStream(bytes), 10).next().orElseThrow());
    }

    @Test
    void aLineThatIsTooLongIsNamedAndNotKept() throws IOException {
        var endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };
        var reader = new LineReader(endless, 1_000_000);
        var failure = assertThrows(CommandFailure.class, reader::next);
        assertEquals("line 1 is longer than a request may be: 1000000 bytes", failure.getMessage());
    }
}
