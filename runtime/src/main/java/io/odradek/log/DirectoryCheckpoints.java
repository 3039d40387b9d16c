package io.odradek.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jboss.logging.Logger;

/** The three files of a log directory that say, for each of its logs, what is not in the log itself. As Kafka's. */
final class DirectoryCheckpoints {
    static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";
    static final String LOG_START_OFFSETS = "log-start-offset-checkpoint";
    static final String HIGH_WATERMARKS = "replication-offset-checkpoint";

    private static final Logger LOG = Logger.getLogger(DirectoryCheckpoints.class);

    private final Path directory;
    /** By file: what it holds already, so that an idle broker writes nothing. */
    private final Map<String, List<String>> written = new HashMap<>();

    private final Map<String, Long> recoveryPoints;
    private final Map<String, Long> logStartOffsets;
    private final Map<String, Long> highWatermarks;

    private DirectoryCheckpoints(Path directory) throws IOException {
        this.directory = directory;
        this.recoveryPoints = read(RECOVERY_POINTS);
        this.logStartOffsets = read(LOG_START_OFFSETS);
        this.highWatermarks = read(HIGH_WATERMARKS);
    }

    /** Reads the files. One that is damaged counts as empty: recovery then begins further back. */
    static DirectoryCheckpoints read(Path directory) throws IOException {
        return new DirectoryCheckpoints(directory);
    }

    private Map<String, Long> read(String name) throws IOException {
        var result = new HashMap<String, Long>();
        try {
            for (var line : CheckpointFile.read(directory.resolve(name))) {
                var fields = line.split("\\s+");
                result.put(fields[0] + "-" + Integer.parseInt(fields[1]), Long.parseLong(fields[2]));
            }
        } catch (CheckpointFile.MalformedException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            LOG.warnf("%s is damaged and taken as empty: %s", directory.resolve(name), e.getMessage());
            result.clear();
        }
        return result;
    }

    boolean hasRecoveryPoint(LogId id) {
        return recoveryPoints.containsKey(id.directoryName());
    }

    LogCheckpoint of(LogId id) {
        var name = id.directoryName();
        return new LogCheckpoint(
                recoveryPoints.getOrDefault(name, 0L),
                logStartOffsets.getOrDefault(name, 0L),
                highWatermarks.getOrDefault(name, 0L));
    }

    /** Writes what changed. One caller at a time. */
    synchronized void write(Supplier<? extends Collection<PartitionLog>> now) throws IOException {
        var logs = now.get();
        var ids = new ArrayList<LogId>(logs.size());
        var checkpoints = new ArrayList<LogCheckpoint>(logs.size());
        for (var log : logs) {
            ids.add(log.id());
            checkpoints.add(log.checkpoint());
        }
        // The start offsets first: a log that starts higher than it should loses nothing that was not to be deleted.
        write(LOG_START_OFFSETS, ids, checkpoints, LogCheckpoint::logStartOffset);
        write(RECOVERY_POINTS, ids, checkpoints, LogCheckpoint::recoveryPoint);
        write(HIGH_WATERMARKS, ids, checkpoints, LogCheckpoint::highWatermark);
    }

    private void write(
            String name, List<LogId> ids, List<LogCheckpoint> checkpoints, ToLongFunction<LogCheckpoint> value)
            throws IOException {
        var lines = new ArrayList<String>(ids.size());
        for (int i = 0; i < ids.size(); i++) {
            var id = ids.get(i);
            lines.add(id.topic() + " " + id.partition() + " " + value.applyAsLong(checkpoints.get(i)));
        }
        if (!lines.equals(written.get(name))) {
            CheckpointFile.write(directory.resolve(name), lines);
            written.put(name, lines);
        }
    }
}
