package io.odradek.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jboss.logging.Logger;

/**
 * The log directories of a broker, in the order of its configuration, and how many logs each has. {@link #all} may be asked
 * from any thread, as may what counts; opening them is for one thread.
 */
final class LogDirectories {
    private static final Logger LOG = Logger.getLogger(LogDirectories.class);

    private final List<LogDirectory> directories;
    private final Map<LogDirectory, Integer> logCounts = new HashMap<>();
    private boolean hasUnknownLogs;

    LogDirectories(List<Path> paths) {
        directories = paths.stream().map(path -> new LogDirectory(normal(path))).toList();
    }

    /** See {@link LogStore#clusterIdOf}. */
    static Optional<String> clusterIdOf(List<Path> directories) {
        Optional<String> found = Optional.empty();
        for (var directory : directories) {
            try {
                var clusterId = MetaProperties.read(directory).map(MetaProperties::clusterId);
                if (found.isPresent() && clusterId.isPresent() && !found.equals(clusterId)) {
                    throw new IllegalStateException("Log directory " + directory + " belongs to cluster "
                            + clusterId.get() + ", others to cluster " + found.get());
                }
                found = found.or(() -> clusterId);
            } catch (IOException e) {
                LOG.debugf("%s cannot be read: %s", directory, e);
            }
        }
        return found;
    }

    static Path normal(Path directory) {
        return directory.toAbsolutePath().normalize();
    }

    /**
     * Locks them and checks whose they are. One that cannot be read is offline from the start.
     *
     * @throws IllegalStateException with one clear line: a directory is in use, belongs to another node or cluster, has a
     *     newer format, or none is usable
     */
    void open(String clusterId, int nodeId) {
        for (var directory : directories) {
            try {
                directory.open(clusterId, nodeId);
            } catch (IOException e) {
                unreadable(directory, "opening", e);
            }
        }
        requireOneOnline();
    }

    /** Nobody knows from now on which logs this one has. */
    void unreadable(LogDirectory directory, String doing, IOException e) {
        directory.fail(doing, e);
        hasUnknownLogs = true;
    }

    /** Whether a log of which nothing is known may be in a directory that is offline. */
    boolean mayHideLogs() {
        return hasUnknownLogs && directories.stream().anyMatch(d -> !d.isOnline());
    }

    void requireOneOnline() {
        if (directories.stream().noneMatch(LogDirectory::isOnline)) {
            var why = new ArrayList<String>();
            directories.forEach(d -> why.add(d + " (" + d.failure().orElse("") + ")"));
            throw new IllegalStateException("No log directory is usable: " + String.join(", ", why));
        }
    }

    List<LogDirectory> all() {
        return directories;
    }

    /** The one with this absolute path. */
    Optional<LogDirectory> at(Path path) {
        return directories.stream().filter(d -> d.path().equals(path)).findFirst();
    }

    synchronized void count(LogDirectory directory, int logs) {
        logCounts.merge(directory, logs, Integer::sum);
    }

    /** The one with the fewest logs; a cordoned one (KIP-1066) only where there is no other. */
    synchronized LogDirectory ofNewLog(Set<Path> cordoned) {
        return directories.stream()
                .filter(LogDirectory::isOnline)
                .min(Comparator.<LogDirectory, Boolean>comparing(d -> cordoned.contains(d.path()))
                        .thenComparing(d -> logCounts.getOrDefault(d, 0)))
                .orElseThrow(() -> new KafkaStorageException("No log directory is online"));
    }
}
