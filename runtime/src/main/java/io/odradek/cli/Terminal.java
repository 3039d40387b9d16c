package io.odradek.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The three streams of the program. Output is bytes, so that records pass unchanged, and is buffered until {@link #flush}.
 * Not thread-safe.
 */
record Terminal(InputStream in, OutputStream out, PrintStream err) {
    private static final int BUFFER_BYTES = 1 << 16;

    static Terminal system() {
        // Not System.out, which hides that nobody reads any more.
        return new Terminal(
                System.in,
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                System.err);
    }

    void print(String text) {
        print(text.getBytes(StandardCharsets.UTF_8));
    }

    void println(String line) {
        print(line);
        print("\n");
    }

    void print(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException e) {
            throw new ClosedOutputException(e);
        }
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new ClosedOutputException(e);
        }
    }
}
