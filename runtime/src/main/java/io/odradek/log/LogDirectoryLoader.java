package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jboss.logging.Logger;

/** Finds the logs of a directory at start, and recovers them if the directory was not closed properly. */
final class LogDirectoryLoader {
    private static final Logger LOG = Logger.getLogger(LogDirectoryLoader.class);
    private static final Pattern LOG_NAME = Pattern.compile("(.+)-(\\d{1,9})");
    /** Kafka's own metadata log, in directories that it used before us. */
    private static final String KAFKA_METADATA = "__cluster_metadata";

    static final String DELETE_SUFFIX = "-delete";

    private final LogDirectory directory;
    private final LogEnvironment environment;
    private final LogConfig defaults;
    private final int recoveryThreads;

    /** @param defaults settings of logs whose topic's configuration is not known yet */
    LogDirectoryLoader(LogDirectory directory, LogEnvironment environment, LogConfig defaults, int recoveryThreads) {
        this.directory = directory;
        this.environment = environment;
        this.defaults = defaults;
        this.recoveryThreads = recoveryThreads;
    }

    /**
     * @param futures copies of logs that are on their way here
     * @param checkpoints to be written from now on
     * @param closedWith the broker epoch with which the directory was closed properly; empty if it was not
     */
    record Loaded(
            List<PartitionLog> logs,
            List<PartitionLog> futures,
            DirectoryCheckpoints checkpoints,
            OptionalLong closedWith) {}

    Loaded load() throws IOException {
        var closedWith = directory.takeCleanShutdown();
        var clean = closedWith.isPresent();
        var checkpoints = DirectoryCheckpoints.read(directory.path());
        var logs = new ArrayList<PartitionLog>();
        var written = new ArrayList<PartitionLog>();
        var futures = new ArrayList<PartitionLog>();
        try (var paths = Files.newDirectoryStream(directory.path(), Files::isDirectory)) {
            for (var path : paths) {
                var name = path.getFileName().toString();
                if (name.endsWith(DELETE_SUFFIX)) {
                    directory.later(0, environment, () -> removeTree(path));
                    continue;
                }
                var future = MovedLogs.FUTURE_NAME.matcher(name);
                boolean isFuture = future.matches();
                var match = isFuture ? future : LOG_NAME.matcher(name);
                if (!isFuture && !match.matches() || match.group(1).equals(KAFKA_METADATA)) {
                    LOG.debugf("%s is no log and left alone", path);
                    continue;
                }
                var id = new LogId(
                        match.group(1).intern(), Integer.parseInt(match.group(2)), PartitionMetadata.readTopicId(path));
                var known = clean && checkpoints.hasRecoveryPoint(id);
                var checkpoint = checkpoints.of(id);
                var core = new LogCore(id, name, directory, environment, defaults, checkpoint);
                if (!isFuture && checkpoint.equals(LogCheckpoint.ZERO) && isBlank(path)) {
                    logs.add(PartitionLog.blank(core));
                    continue;
                }
                var log = new PartitionLog(core, known ? checkpoint.recoveryPoint() : -1);
                (isFuture ? futures : logs).add(log);
                written.add(log);
            }
        }
        if (!clean && !written.isEmpty()) {
            recover(written);
        }
        return new Loaded(logs, futures, checkpoints, closedWith);
    }

    /** Nothing was ever written to it: neither a record nor an epoch. */
    private static boolean isBlank(Path log) throws IOException {
        try (var files = Files.newDirectoryStream(log)) {
            for (var file : files) {
                if (!file.endsWith(PartitionMetadata.FILE_NAME)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void recover(List<PartitionLog> logs) {
        var startNanos = System.nanoTime();
        LOG.infof("Log directory %s was not closed properly: recovering %d logs", directory, logs.size());
        inParallel(directory, recoveryThreads, "log-recovery", logs, PartitionLog::recover);
        LOG.infof(
                "Log directory %s: recovered %d logs in %d ms",
                directory, logs.size(), (System.nanoTime() - startNanos) / 1_000_000);
    }

    interface LogTask {
        void run(PartitionLog log);
    }

    /** Runs a task for each log and waits. A storage error has taken the directory offline already and ends it early. */
    static void inParallel(LogDirectory directory, int threads, String name, List<PartitionLog> logs, LogTask task) {
        var executor = Executors.newFixedThreadPool(Math.max(1, threads), r -> new Thread(r, name + "-" + directory));
        try {
            var futures = new ArrayList<Future<?>>(logs.size());
            for (var log : logs) {
                futures.add(executor.submit(() -> {
                    if (directory.isOnline()) {
                        task.run(log);
                    }
                }));
            }
            for (var future : futures) {
                future.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaStorageException storage) {
                LOG.debugf("%s stopped: %s", name, storage.getMessage());
            } else {
                throw new IllegalStateException(name + " failed in " + directory + ": " + e.getCause(), e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during " + name, e);
        } finally {
            executor.shutdownNow();
        }
    }

    static void removeTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (var paths = Files.newDirectoryStream(root)) {
            for (var path : paths) {
                if (Files.isDirectory(path)) {
                    removeTree(path);
                } else {
                    Files.deleteIfExists(path);
                }
            }
        }
        Files.deleteIfExists(root);
    }
}
