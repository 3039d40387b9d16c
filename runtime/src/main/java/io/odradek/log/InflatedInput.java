package io.odradek.log;

import java.io.IOException;
import java.io.InputStream;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Bytes as they come out of a decompressor, seen through a window of fixed size, so that neither a large record nor a
 * zip bomb takes more memory than the window. What is consumed may be copied to a {@link Tap} on the way.
 */
final class InflatedInput {
    /** Gets the bytes that are consumed. */
    interface Tap {
        void write(byte[] bytes, int offset, int length);
    }

    private final InputStream source;
    private final byte[] window;
    private final long maxBytes;
    private long windowStart;
    private int position;
    private int limit;
    private Tap tap;
    private int tappedFrom;

    /** @param maxBytes how much {@code source} may yield in total */
    InflatedInput(InputStream source, byte[] window, long maxBytes) {
        this.source = source;
        this.window = window;
        this.maxBytes = maxBytes;
    }

    /** Bytes consumed so far. */
    long position() {
        return windowStart + position;
    }

    boolean atEnd() {
        return position == limit && !fill();
    }

    /** Copies everything consumed from here on to {@code tap}, until {@link #untap()}. */
    void tap(Tap tap) {
        this.tap = tap;
        this.tappedFrom = position;
    }

    void untap() {
        tap.write(window, tappedFrom, position - tappedFrom);
        tap = null;
    }

    byte next() {
        if (position == limit && !fill()) {
            throw new InvalidRecordException("Incorrect declared batch size, premature EOF reached");
        }
        return window[position++];
    }

    void skip(long size) {
        while (size > limit - position) {
            size -= limit - position;
            position = limit;
            if (!fill()) {
                throw new InvalidRecordException("Reached end of input stream before skipping all bytes");
            }
        }
        position += (int) size;
    }

    int varint() {
        int b = next();
        if (b < 0) {
            b &= 0x7f;
            for (int shift = 7; ; shift += 7) {
                if (shift > 28) {
                    throw new InvalidRecordException("Found invalid record structure: a varint of more than 5 bytes");
                }
                int more = next();
                b |= (more & 0x7f) << shift;
                if (more >= 0) {
                    break;
                }
            }
        }
        return (b >>> 1) ^ -(b & 1);
    }

    long varlong() {
        long b = next();
        if (b < 0) {
            b &= 0x7f;
            for (int shift = 7; ; shift += 7) {
                if (shift > 63) {
                    throw new InvalidRecordException("Found invalid record structure: a varlong of more than 10 bytes");
                }
                long more = next();
                b |= (more & 0x7f) << shift;
                if (more >= 0) {
                    break;
                }
            }
        }
        return (b >>> 1) ^ -(b & 1);
    }

    /** Called with an empty window only. */
    private boolean fill() {
        if (tap != null) {
            tap.write(window, tappedFrom, limit - tappedFrom);
            tappedFrom = 0;
        }
        windowStart += limit;
        position = 0;
        limit = 0;
        int read;
        try {
            read = source.read(window, 0, window.length);
        } catch (ApiException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The CRC was right, so the producer's compressor is at fault. Which exception a decompressor throws on
            // garbage is its own affair: some are unchecked.
            throw new InvalidRecordException("Failed to decompress record stream", e);
        }
        if (read <= 0) {
            return false;
        }
        if (windowStart + read > maxBytes) {
            throw new RecordTooLargeException("The record batch inflates to more than " + maxBytes + " bytes");
        }
        limit = read;
        return true;
    }
}
