package io.odradek.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Says of a node that it began with an empty disk: if it had another one before, it has promised votes and acknowledged entries that it
 * does not know any more. Until that cannot matter any longer, it votes and acknowledges, but nobody counts it
 * (docs/adr/0008-our-own-raft-rules.md). A file beside the log, so that it is not forgotten by a restart. Used by one thread at a
 * time.
 */
final class BlankMark {
    private static final String FILE = "blank";
    private static final long NOT_WELCOME = Long.MAX_VALUE;

    /** Empty when there is none. */
    private Optional<LogStorage> storage;

    private long welcomeAt = NOT_WELCOME;

    private BlankMark(Optional<LogStorage> storage) {
        this.storage = storage;
    }

    /** Of a node whose promises nobody but itself relies on. */
    static BlankMark none() {
        return new BlankMark(Optional.empty());
    }

    /** Before the log is opened, which makes files. */
    static BlankMark open(LogStorage storage) throws IOException {
        var files = storage.list();
        boolean empty = files.stream()
                .noneMatch(each -> each.endsWith(Journal.SEGMENT_SUFFIX) || each.equals(SnapshotFile.NAME));
        if (empty) {
            storage.create(FILE).close();
            storage.syncDirectory();
        }
        return new BlankMark(empty || files.contains(FILE) ? Optional.of(storage) : Optional.empty());
    }

    boolean blank() {
        return storage.isPresent();
    }

    /** A leader says that what this node may have promised before does not matter, once it has committed up to the index. */
    void welcome(long index) {
        welcomeAt = Math.min(welcomeAt, index);
    }

    boolean mayEnd(long commitIndex) {
        return blank() && commitIndex >= welcomeAt;
    }

    /** Durable when it returns: from now on this node counts. */
    void end() {
        try {
            var files = storage.orElseThrow();
            files.delete(FILE);
            files.syncDirectory();
            storage = Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
