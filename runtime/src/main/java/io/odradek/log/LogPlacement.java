package io.odradek.log;

import java.nio.file.Path;
import java.util.Set;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.LogDirNotFoundException;

/** In which directory a log is to be. Guarded by the {@link LogStore}'s monitor. */
final class LogPlacement {
    private final LogDirectories directories;
    private final PreferredDirectories preferred = new PreferredDirectories();

    LogPlacement(LogDirectories directories) {
        this.directories = directories;
    }

    /** @param name of a log that is not there yet: it is to be made in this directory */
    void prefer(String name, LogDirectory directory) {
        preferred.put(name, directory);
    }

    /**
     * Where to make a log: where somebody wanted it, else where the fewest are.
     *
     * @param cordoned directories that take no new logs while there are others (KIP-1066)
     */
    LogDirectory ofNewLog(String name, Set<Path> cordoned) {
        return preferred.take(name).orElseGet(() -> directories.ofNewLog(cordoned));
    }

    /**
     * A directory that a log is asked to be in.
     *
     * @throws LogDirNotFoundException this broker does not have the directory
     * @throws org.apache.kafka.common.errors.KafkaStorageException the directory is offline
     * @throws InvalidReplicaAssignmentException it takes no new replicas (KIP-1066)
     * @throws InvalidTopicException the topic's name is too long
     */
    LogDirectory wanted(String name, Path path, Set<Path> cordoned) {
        if (!MovedLogs.canBeNamed(name)) {
            throw new InvalidTopicException("The topic name is too long.");
        }
        var directory = directories
                .at(path)
                .orElseThrow(() -> new LogDirNotFoundException("Log dir " + path + " is not found in the config."));
        directory.ensureOnline();
        if (cordoned.contains(directory.path())) {
            throw new InvalidReplicaAssignmentException("Log directory " + path + " is cordoned");
        }
        return directory;
    }
}
