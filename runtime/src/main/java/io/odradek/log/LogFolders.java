package io.odradek.log;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Makes the directories of logs and takes them away: first the name, later the files. Thread-safe. */
final class LogFolders {
    private static final Logger LOG = Logger.getLogger(LogFolders.class);
    /** The longest name a file may have on common file systems. */
    private static final int MAX_NAME_LENGTH = 255;

    private final LogEnvironment environment;

    LogFolders(LogEnvironment environment) {
        this.environment = environment;
    }

    /** With nothing but the file that says whose it is. What is in the way was nobody's log, and goes. */
    void create(LogCore core) {
        try {
            try {
                Files.createDirectory(core.path());
            } catch (FileAlreadyExistsException e) {
                LOG.warnf("%s is in the way of a new log, removing it", core.path());
                removeLater(core.directory, core.path(), core.config.fileDeleteDelayMs());
                Files.createDirectory(core.path());
            }
            PartitionMetadata.write(core.path(), core.id.topicId());
        } catch (IOException e) {
            throw core.directory.fail("creating " + core.id, e);
        }
    }

    /** The log is gone at once, its files after {@code file.delete.delay.ms}. */
    void delete(PartitionLog log) {
        var target = deletedName(log.path());
        log.delete(target);
        log.directory()
                .later(log.config().fileDeleteDelayMs(), environment, () -> LogDirectoryLoader.removeTree(target));
    }

    /** A directory that no log uses. */
    void removeLater(LogDirectory directory, Path path, long delayMs) throws IOException {
        var target = deletedName(path);
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        directory.later(delayMs, environment, () -> LogDirectoryLoader.removeTree(target));
    }

    /** {@code topic-partition.uniqueId-delete}; a long name is cut so that the suffix fits. */
    private static Path deletedName(Path path) {
        var suffix = "." + UUID.randomUUID().toString().replace("-", "") + LogDirectoryLoader.DELETE_SUFFIX;
        var name = path.getFileName().toString();
        return path.resolveSibling(
                name.substring(0, Math.min(name.length(), MAX_NAME_LENGTH - suffix.length())) + suffix);
    }
}
