package io.odradek.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * How far each log is cleaned, exclusive, in one file per log directory in Kafka's format ({@code topic partition
 * offset}). An entry follows its log into another directory. A lost entry costs a cleaning of the whole log, nothing else. In
 * memory an entry belongs to one topic id, so that a topic made anew does not inherit its predecessor's. Thread-safe.
 */
final class CleanerCheckpoints {
    static final String FILE_NAME = "cleaner-offset-checkpoint";
    private static final Logger LOG = Logger.getLogger(CleanerCheckpoints.class);

    /** @param directory whose file says so */
    private record Cleaned(long upTo, Path directory) {}

    private final Supplier<List<Path>> directories;
    private final Map<LogId, Cleaned> known = new HashMap<>();
    /** What the file of a directory said, by the name of the log's directory; used up as logs are asked for. */
    private final Map<Path, Map<String, Long>> files = new HashMap<>();

    /** @param directories all that are online */
    CleanerCheckpoints(Supplier<List<Path>> directories) {
        this.directories = directories;
    }

    /** The first offset of {@code log} that is not cleaned, -1 if it never was. */
    synchronized long offset(PartitionLog log) {
        if (!known.containsKey(log.id())) {
            found(log).ifPresent(cleaned -> known.put(log.id(), cleaned));
        }
        var cleaned = known.get(log.id());
        return cleaned == null ? -1 : cleaned.upTo;
    }

    /** In the file of the log's directory, else of another: the log was moved, and the process ended before this was noted. */
    private Optional<Cleaned> found(PartitionLog log) {
        var places = new LinkedHashSet<Path>();
        places.add(log.directory().path());
        places.addAll(directories.get());
        Cleaned found = null;
        for (var place : places) {
            var upTo = files.computeIfAbsent(place, CleanerCheckpoints::read)
                    .remove(log.id().directoryName());
            if (upTo != null && found == null) {
                found = new Cleaned(upTo, place);
            }
        }
        return Optional.ofNullable(found);
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
        known.put(log.id(), new Cleaned(offset, log.directory().path()));
        forgetOthers(logs);
        write(log.directory().path(), logs);
    }

    /**
     * Takes the entries of logs that were moved into the files of their directories. Cheap if there are none.
     *
     * @param logs all that exist
     */
    synchronized void follow(Collection<PartitionLog> logs) {
        var left = new HashSet<Path>();
        var entered = new HashSet<Path>();
        for (var log : logs) {
            var cleaned = known.get(log.id());
            var path = log.directory().path();
            if (cleaned != null && !cleaned.directory.equals(path)) {
                left.add(cleaned.directory);
                entered.add(path);
                known.put(log.id(), new Cleaned(cleaned.upTo, path));
            }
        }
        // In this order: a crash in between leaves an entry in both files, where that of the log's directory counts.
        entered.forEach(directory -> tryToWrite(directory, logs));
        left.removeAll(entered);
        left.retainAll(directories.get());
        left.forEach(directory -> tryToWrite(directory, logs));
    }

    private void tryToWrite(Path directory, Collection<PartitionLog> logs) {
        try {
            write(directory, logs);
        } catch (IOException e) {
            LOG.warnf("Cleaner checkpoint of %s cannot be written, its logs may be cleaned anew: %s", directory, e);
        }
    }

    private void forgetOthers(Collection<PartitionLog> logs) {
        var ids = new HashSet<LogId>();
        logs.forEach(log -> ids.add(log.id()));
        known.keySet().retainAll(ids);
    }

    private void write(Path directory, Collection<PartitionLog> logs) throws IOException {
        var lines = new ArrayList<String>();
        for (var log : logs) {
            var cleanedUpTo = offset(log);
            if (cleanedUpTo >= 0 && known.get(log.id()).directory.equals(directory)) {
                lines.add(log.id().topic() + " " + log.id().partition() + " " + cleanedUpTo);
            }
        }
        CheckpointFile.write(directory.resolve(FILE_NAME), lines);
    }
}
