package io.odradek.log;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jboss.logging.Logger;

/** Describes a log directory for DescribeLogDirs: asks the file system, and each log in it. */
final class DirectorySizes {
    private static final Logger LOG = Logger.getLogger(DirectorySizes.class);
    private static final long UNKNOWN = -1;

    private final LogDirectory directory;
    private final Map<LogId, Long> sizes = new HashMap<>();
    private final Map<LogId, LogDirectoryDescription.FutureReplica> coming = new HashMap<>();
    private long totalBytes = UNKNOWN;
    private long usableBytes = UNKNOWN;

    private DirectorySizes(LogDirectory directory) {
        this.directory = directory;
    }

    /**
     * What can be told of it; nothing of one that is offline.
     *
     * @param logs of the whole store
     * @param moves of the whole store
     */
    static LogDirectoryDescription describe(
            LogDirectory directory, Collection<PartitionLog> logs, Collection<FutureLog> moves) {
        var sizes = new DirectorySizes(directory);
        if (directory.isOnline()) {
            try {
                sizes.measure(logs, moves);
            } catch (IOException e) {
                directory.fail("looking at", e);
            } catch (KafkaStorageException e) {
                LOG.debugf("%s cannot be described: %s", directory, e.getMessage());
            }
        }
        return sizes.description();
    }

    private void measure(Collection<PartitionLog> logs, Collection<FutureLog> moves) throws IOException {
        FileStore volume = Files.getFileStore(directory.path());
        totalBytes = volume.getTotalSpace();
        usableBytes = volume.getUsableSpace();
        for (var log : logs) {
            if (log.directory() == directory) {
                sizes.put(log.id(), log.sizeInBytes());
            }
        }
        for (var move : moves) {
            var copy = move.copy();
            if (copy.directory() == directory) {
                coming.put(copy.id(), new LogDirectoryDescription.FutureReplica(copy.sizeInBytes(), move.lag()));
            }
        }
    }

    private LogDirectoryDescription description() {
        return new LogDirectoryDescription(
                directory.path(),
                directory.directoryId(),
                directory.failure(),
                Map.copyOf(sizes),
                Map.copyOf(coming),
                totalBytes,
                usableBytes);
    }
}
