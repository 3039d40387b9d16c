package io.odradek.log;

import java.nio.file.Path;
import java.util.OptionalLong;

/** Kafka's names of the files of a log: the base offset in 20 digits and what kind of file it is. */
final class SegmentFiles {
    static final String LOG = ".log";
    static final String OFFSET_INDEX = ".index";
    static final String TIME_INDEX = ".timeindex";
    static final String TXN_INDEX = ".txnindex";
    static final String SNAPSHOT = ".snapshot";
    /** Our own, beside a snapshot: see {@link RecentBatches}. */
    static final String RECENT_BATCHES = ".recent";

    /** Being written, to be renamed. */
    static final String TEMPORARY = ".tmp";
    /** Renamed to be removed after a delay. */
    static final String DELETED = ".deleted";
    /** Being written by the cleaner. */
    static final String CLEANED = ".cleaned";
    /** Finished by the cleaner, taking the place of others. */
    static final String SWAP = ".swap";

    private SegmentFiles() {}

    static Path path(Path directory, long baseOffset, String kind) {
        var digits = Long.toString(baseOffset);
        return directory.resolve("0".repeat(20 - digits.length()) + digits + kind);
    }

    /** The base offset in a file's name; empty if it is not a segment's file. */
    static OptionalLong offsetOf(String fileName) {
        var dot = fileName.indexOf('.');
        if (dot != 20) {
            return OptionalLong.empty();
        }
        for (int i = 0; i < dot; i++) {
            if (fileName.charAt(i) < '0' || fileName.charAt(i) > '9') {
                return OptionalLong.empty();
            }
        }
        try {
            return OptionalLong.of(Long.parseLong(fileName, 0, dot, 10));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    static String withoutSuffix(String fileName, String suffix) {
        return fileName.substring(0, fileName.length() - suffix.length());
    }
}
