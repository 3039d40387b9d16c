package io.odradek.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One file, opened on use. {@link #acquire()} gives the open channel and keeps it open until {@link #release()}; in
 * between the file may be renamed or deleted, the channel still reaches its bytes. Thread-safe; a file's own monitor is
 * held only for counting and opening.
 */
final class LogFile {
    private final LogFiles files;
    private volatile Path path;
    private FileChannel channel;
    private int holders;
    private boolean usedSinceLastLook;
    private boolean deleted;

    LogFile(LogFiles files, Path path) {
        this.files = files;
        this.path = path;
    }

    Path path() {
        return path;
    }

    /** The open channel of a file that exists. */
    FileChannel acquire() throws IOException {
        return acquire(StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** As {@link #acquire()}, for who is about to write the file's first byte. Under the log's lock. */
    FileChannel acquireOrCreate() throws IOException {
        return acquire(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }

    private FileChannel acquire(OpenOption... options) throws IOException {
        FileChannel result;
        synchronized (this) {
            usedSinceLastLook = true;
            if (channel != null && channel.isOpen()) {
                holders++;
                return channel;
            }
            if (deleted) {
                throw new NoSuchFileException(path.toString());
            }
            // Not open, or closed under us because a thread was interrupted while using it.
            channel = files.layer().open(path, options);
            result = channel;
            holders++;
        }
        files.opened(this);
        return result;
    }

    synchronized void release() {
        if (holders <= 0) {
            throw new IllegalStateException(path + " is released more often than acquired");
        }
        holders--;
        if (deleted && holders == 0) {
            closeChannel();
        }
    }

    synchronized boolean isOpen() {
        return channel != null;
    }

    /** Second chance: a file used since the last look only loses its mark. Returns whether it is closed now. */
    synchronized boolean closeIfUnused() {
        if (holders > 0) {
            return false;
        }
        if (usedSinceLastLook) {
            usedSinceLastLook = false;
            return false;
        }
        closeChannel();
        return true;
    }

    /** Closes the file unless a slice of it is still out; that one keeps its own channel until it is released. */
    synchronized void close() {
        if (holders == 0) {
            closeChannel();
        }
        usedSinceLastLook = false;
    }

    private void closeChannel() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException ignored) {
                // Nothing unwritten is lost by a failed close: what had to be durable was forced before.
            }
            channel = null;
        }
    }

    boolean exists() {
        return Files.exists(path);
    }

    void renameTo(Path target) throws IOException {
        synchronized (this) {
            files.layer().move(path, target);
            path = target;
        }
    }

    /** The directory above was renamed: only the path changes. */
    synchronized void moved(Path directory) {
        path = directory.resolve(path.getFileName());
    }

    /** Deletes the file for good. Slices that are out can still be sent; nobody can acquire it any more. */
    void delete() throws IOException {
        synchronized (this) {
            deleted = true;
            close();
        }
        files.layer().deleteIfExists(path);
    }
}
