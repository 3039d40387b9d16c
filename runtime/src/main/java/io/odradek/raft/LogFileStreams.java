package io.odradek.raft;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A part of a {@link LogFile} as a stream, buffered. Closing a stream leaves the file open. */
final class LogFileStreams {
    private static final int BUFFER_BYTES = 1 << 16;

    private LogFileStreams() {}

    static InputStream read(LogFile file, long from, long to) {
        return new BufferedInputStream(
                new InputStream() {
                    private long position = from;

                    @Override
                    public int read() throws IOException {
                        var one = new byte[1];
                        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        int wanted = (int) Math.min(length, to - position);
                        int read = wanted == 0 ? -1 : file.read(position, target, offset, wanted);
                        position += Math.max(read, 0);
                        return read;
                    }
                },
                BUFFER_BYTES);
    }

    /** What takes a piece of the content. */
    @FunctionalInterface
    interface Sink {
        void write(byte[] bytes, int offset, int length) throws IOException;
    }

    static OutputStream write(Sink sink) {
        return new BufferedOutputStream(
                new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        sink.write(new byte[] {(byte) value}, 0, 1);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        sink.write(bytes, offset, length);
                    }
                },
                BUFFER_BYTES);
    }
}
