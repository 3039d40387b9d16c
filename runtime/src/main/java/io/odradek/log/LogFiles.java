package io.odradek.log;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All files a store has open, with a bound: opening one more closes those that nobody holds and that were not used
 * since the hand of the clock last passed them (second chance). Files that are held stay open even beyond the bound.
 * Thread-safe.
 */
final class LogFiles {
    private final int maxOpen;
    private final FileLayer layer;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<LogFile> open = new ArrayDeque<>();

    LogFiles(int maxOpen, FileLayer layer) {
        if (maxOpen < 1) {
            throw new IllegalArgumentException("at least one file must be allowed open, not " + maxOpen);
        }
        this.maxOpen = maxOpen;
        this.layer = layer;
    }

    /** A file that is opened when first used. It need not exist. */
    LogFile file(Path path) {
        return new LogFile(this, path);
    }

    FileLayer layer() {
        return layer;
    }

    /** Called by a file right after it opened its channel, without holding its monitor. */
    void opened(LogFile file) {
        lock.lock();
        try {
            open.addLast(file);
            // Each file is looked at twice at most: the first look takes its second chance away.
            for (int looks = 2 * open.size(); open.size() > maxOpen && looks > 0; looks--) {
                var candidate = open.pollFirst();
                if (candidate.isOpen() && (candidate == file || !candidate.closeIfUnused())) {
                    open.addLast(candidate);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes what was not used since the last call. Called now and then, so that idle partitions hold no file open. */
    void closeIdle() {
        lock.lock();
        try {
            for (int n = open.size(); n > 0; n--) {
                var candidate = open.pollFirst();
                if (candidate.isOpen() && !candidate.closeIfUnused()) {
                    open.addLast(candidate);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    int openCount() {
        lock.lock();
        try {
            open.removeIf(f -> !f.isOpen());
            return open.size();
        } finally {
            lock.unlock();
        }
    }
}
