package io.odradek.log;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Positional reads and writes that do not stop half-way. */
final class ChannelIo {
    private ChannelIo() {}

    /** Fills {@code target} from {@code position} on, fewer bytes only at the end of the file. Returns the bytes read. */
    static int read(FileChannel channel, ByteBuffer target, long position) throws IOException {
        var start = target.position();
        while (target.hasRemaining()) {
            var n = channel.read(target, position + target.position() - start);
            if (n < 0) {
                break;
            }
        }
        return target.position() - start;
    }

    static void readFully(FileChannel channel, ByteBuffer target, long position) throws IOException {
        var wanted = target.remaining();
        var n = read(channel, target, position);
        if (n < wanted) {
            throw new EOFException("wanted " + wanted + " bytes at " + position + ", the file ends after " + n);
        }
    }

    /** Writes all that remains of {@code source} at {@code position}. */
    static int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
        var start = source.position();
        while (source.hasRemaining()) {
            channel.write(source, position + source.position() - start);
        }
        return source.position() - start;
    }
}
