package io.odradek.raft;

import java.io.IOException;
import java.util.List;

/**
 * The files of one Raft log, as the log needs them: a flat directory. A creation, rename or deletion is durable only after
 * {@link #syncDirectory()}, a file's content only after {@link LogFile#sync()}. Any thread; a file is used by one at a time.
 *
 * <p>The seam at which tests put a file layer that forgets whatever was not synced.
 */
interface LogStorage extends AutoCloseable {
    /** Where the files are, for messages. */
    String location();

    List<String> list() throws IOException;

    /** The whole content of a file. */
    byte[] read(String name) throws IOException;

    /** Opens an existing file for reading and writing. */
    LogFile open(String name) throws IOException;

    /** Creates an empty file, in the place of any that has this name. */
    LogFile create(String name) throws IOException;

    /** Atomic; replaces a file that has the new name. An open {@link LogFile} stays open. */
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    void syncDirectory() throws IOException;

    @Override
    void close() throws IOException;
}
