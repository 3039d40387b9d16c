package io.odradek.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * How far each log is cleaned, exclusive, in one file per log directory in Kafka's format ({@code topic partition
 * offset}). A lost entry costs a cleaning of the whole log, nothing else. In memory an entry belongs to one topic id, so
 * that a topic made anew does not inherit its predecessor's. Thread-safe.
 */
final class CleanerCheckpoints {
    static final String FILE_NAME = "cleaner-offset-checkpoint";
    private static final Logger LOG = Logger.getLogger(CleanerCheckpoints.class);

    private final Map<LogId, Long> offsets = new HashMap<>();
    /** What the file of a directory said, by the name of the log's directory; used up as logs are asked for. */
    private final Map<Path, Map<String, Long>> files = new HashMap<>();

    /** The first offset of {@code log} that is not cleaned, -1 if it never was. */
    synchronized long offset(PartitionLog log) {
        var file = files.computeIfAbsent(log.directory().path(), CleanerCheckpoints::read);
        var fromFile = file.remove(log.id().directoryName());
        if (fromFile != null) {
            offsets.putIfAbsent(log.id(), fromFile);
        }
        return offsets.getOrDefault(log.id(), -1L);
    }

    private static Map<String, Long> read(Path directory) {
        var result = new HashMap<String, Long>();
        try {
            for (var line : CheckpointFile.read(directory.resolve(FILE_NAME))) {
                var fields = line.split(" ");
                if (fields.length != 3) {
                    throw new IOException("malformed line: " + line);
                }
                result.put(fields[0] + "-" + Integer.parseInt(fields[1]), Long.parseLong(fields[2]));
            }
        } catch (IOException | NumberFormatException e) {
            LOG.warnf("Cleaner checkpoint of %s cannot be read, its logs will be cleaned anew: %s", directory, e);
            result.clear();
        }
        return result;
    }

    /**
     * Notes that {@code log} is cleaned up to {@code offset}, and writes the file of its directory.
     *
     * @param logs all that exist; others are forgotten
     */
    synchronized void update(PartitionLog log, long offset, Collection<PartitionLog> logs) throws IOException {
        offset(log);
        offsets.put(log.id(), offset);
        var directory = log.directory().path();
        var known = new HashMap<LogId, Long>();
        var lines = new ArrayList<String>();
        for (var other : logs) {
            var cleanedUpTo = offset(other);
            if (cleanedUpTo >= 0) {
                known.put(other.id(), cleanedUpTo);
                if (other.directory().path().equals(directory)) {
                    lines.add(other.id().topic() + " " + other.id().partition() + " " + cleanedUpTo);
                }
            }
        }
        offsets.keySet().retainAll(known.keySet());
        CheckpointFile.write(directory.resolve(FILE_NAME), lines);
    }
}
