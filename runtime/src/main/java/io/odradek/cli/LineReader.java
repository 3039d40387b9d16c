package io.odradek.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Lines as bytes, so that whatever is not text passes unchanged. Ends of line are LF or CRLF. Not thread-safe. */
final class LineReader {
    private final InputStream in;
    private final long maxBytes;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long number;

    /**
     * @param maxBytes the longest line that is read; what is longer is a failure, not memory
     */
    LineReader(InputStream in, long maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /** Number of the line that was read last, from 1. */
    long number() {
        return number;
    }

    /** The next line without its end; empty at the end of the input. */
    Optional<byte[]> next() throws IOException {
        if (position == limit && !fill()) {
            return Optional.empty();
        }
        number++;
        var line = new ByteArrayOutputStream();
        do {
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            line.write(buffer, position, end - position);
            if (line.size() > maxBytes) {
                throw new CommandFailure("line " + number + " is longer than a request may be: " + maxBytes + " bytes");
            }
            boolean ended = end < limit;
            position = ended ? end + 1 : end;
            if (ended) {
                break;
            }
        } while (fill());
        return Optional.of(withoutCarriageReturn(line.toByteArray()));
    }

    private boolean fill() throws IOException {
        limit = in.read(buffer);
        position = 0;
        if (limit < 0) {
            limit = 0;
            return false;
        }
        return true;
    }

    private static byte[] withoutCarriageReturn(byte[] line) {
        return line.length > 0 && line[line.length - 1] == '\r' ? java.util.Arrays.copyOf(line, line.length - 1) : line;
    }
}
