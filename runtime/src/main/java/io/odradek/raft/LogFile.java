package io.odradek.raft;

import java.io.Closeable;
import java.io.IOException;

/** An open file of a {@link LogStorage}. */
interface LogFile extends Closeable {
    /** Writes at least one byte, perhaps fewer than asked; returns how many. */
    int write(long position, byte[] source, int offset, int length) throws IOException;

    /** Reads at least one byte, perhaps fewer than asked; returns how many, -1 at the end of the file. */
    int read(long position, byte[] target, int offset, int length) throws IOException;

    long size() throws IOException;

    /** Makes the content durable. */
    void sync() throws IOException;

    void truncate(long size) throws IOException;
}
