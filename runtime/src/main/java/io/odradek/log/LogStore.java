package io.odradek.log;

import io.odradek.config.LogConfig;
import io.odradek.config.LogSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InconsistentTopicIdException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.LogDirNotFoundException;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/**
 * All log directories of a broker. A directory in which an I/O error happens goes offline alone, for good; its logs
 * throw {@link org.apache.kafka.common.errors.KafkaStorageException} from then on. Thread-safe.
 */
public final class LogStore implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LogStore.class);

    private final LogStoreConfig config;
    private final LogEnvironment environment;
    /** What may be changed of the configuration, as it is now. */
    private volatile Changeable changeable;

    private volatile BooleanSupplier verificationRequired = () -> false;

    private final LogDirectories directories;
    private final FutureLogs futures;
    private final LogPlacement placement;
    private final LogFolders folders;
    private final Map<LogDirectory, DirectoryCheckpoints> checkpoints = new ConcurrentHashMap<>();
    /** By directory name, that is by topic and partition. */
    private final Map<String, PartitionLog> logs = new ConcurrentHashMap<>();
    /** Names of logs that went offline with their directory. */
    private final Set<String> offline = ConcurrentHashMap.newKeySet();

    private final List<BiConsumer<Path, Set<LogId>>> offlineListeners = new CopyOnWriteArrayList<>();
    private final List<Future<?>> tasks = new ArrayList<>();
    private boolean loaded;
    /** With which broker epochs directories were closed; complete once they are loaded. */
    private final Set<Long> closedWith = new HashSet<>();

    private volatile long brokerEpoch = CleanShutdownFile.NO_EPOCH;

    private record Changeable(int recoveryThreads, long producerIdExpirationMs, Set<Path> cordoned) {}

    private LogStore(LogStoreConfig config, Time time, ScheduledExecutorService background, FileLayer layer) {
        this.config = config;
        directories = new LogDirectories(config.directories());
        changeable = new Changeable(config.recoveryThreads(), config.producerIdExpirationMs(), Set.of());
        environment = new LogEnvironment(
                new LogFiles(config.maxOpenFiles(), layer),
                time,
                background,
                new Random(),
                new RecordValidator(config.maxDecompressedBatchBytes()),
                () -> changeable.producerIdExpirationMs,
                () -> verificationRequired.getAsBoolean());
        placement = new LogPlacement(directories);
        folders = new LogFolders(environment);
        futures = new FutureLogs(environment, directories, this::checkpoint);
    }

    /**
     * The cluster these directories were formatted for; empty if they are all new.
     *
     * @throws IllegalStateException with one clear line if they disagree or cannot be understood
     */
    public static Optional<String> clusterIdOf(List<Path> directories) {
        return LogDirectories.clusterIdOf(directories);
    }

    /** {@link #lock} and {@link #load} at once. */
    public static LogStore open(LogStoreConfig config, Time time, ScheduledExecutorService background) {
        return open(config, time, background, FileLayer.FILE_SYSTEM);
    }

    static LogStore open(LogStoreConfig config, Time time, ScheduledExecutorService background, FileLayer layer) {
        var store = lock(config, time, background, layer);
        try {
            store.load();
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /**
     * Locks the directories and checks that they belong to this broker. There are no logs yet.
     *
     * @throws IllegalStateException with one clear line: a directory is in use, belongs to another node or cluster, has a
     *     newer format, or none is usable
     */
    public static LogStore lock(LogStoreConfig config, Time time, ScheduledExecutorService background) {
        return lock(config, time, background, FileLayer.FILE_SYSTEM);
    }

    private static LogStore lock(
            LogStoreConfig config, Time time, ScheduledExecutorService background, FileLayer layer) {
        var store = new LogStore(config, time, background, layer);
        try {
            store.directories.open(config.clusterId(), config.nodeId());
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /**
     * Finds the logs and recovers those that were not closed cleanly. Called once, before anything else.
     *
     * @throws IllegalStateException with one clear line: there are two logs of a partition, or no directory is usable
     */
    public void load() {
        loadLogs();
        loaded = true;
        tasks.add(environment
                .background()
                .scheduleWithFixedDelay(
                        this::checkpoint,
                        config.checkpointIntervalMs(),
                        config.checkpointIntervalMs(),
                        TimeUnit.MILLISECONDS));
        tasks.add(environment
                .background()
                .scheduleWithFixedDelay(this::rest, config.idleCloseMs(), config.idleCloseMs(), TimeUnit.MILLISECONDS));
    }

    /** Heeds what may be changed at any time: threads of recovery, expiry of producers, cordoned directories. */
    public void reconfigure(LogSettings settings) {
        var cordoned = new HashSet<Path>();
        settings.cordonedLogDirs().forEach(path -> cordoned.add(LogDirectories.normal(path)));
        changeable = new Changeable(
                settings.numRecoveryThreadsPerDataDir(), settings.producerIdExpirationMs(), Set.copyOf(cordoned));
    }

    /**
     * From now on, where {@code required} says so, the first batch of a transaction is appended only after it was verified
     * ({@link PartitionLog#confirmVerification}). Asked with each such append, from any thread; must not block.
     */
    public void requireVerification(BooleanSupplier required) {
        verificationRequired = required;
    }

    /** The broker epoch with which all directories were closed properly; -1 if not all of them were, or with none. */
    public long previousBrokerEpoch() {
        return directories.mayHideLogs() || closedWith.size() != 1
                ? CleanShutdownFile.NO_EPOCH
                : closedWith.iterator().next();
    }

    /** The broker is registered with this epoch: it is written down when the directories are closed. */
    public void registered(long epoch) {
        brokerEpoch = epoch;
    }

    /**
     * Moves between directories use so many threads, and so much of the disks. To be called before {@link #load}.
     *
     * @param quota of all moves together
     */
    public void moveWith(int threads, ByteQuota quota) {
        futures.limit(threads, quota);
    }

    private void loadLogs() {
        MovedLogs.complete(directories.all());
        var copies = new ArrayList<PartitionLog>();
        for (var directory : directories.all()) {
            if (!directory.isOnline()) {
                continue;
            }
            try {
                var loaded = new LogDirectoryLoader(
                                directory, environment, config.defaults(), changeable.recoveryThreads)
                        .load();
                checkpoints.put(directory, loaded.checkpoints());
                for (var log : loaded.logs()) {
                    var other = logs.putIfAbsent(log.id().directoryName(), log);
                    if (other != null) {
                        throw new IllegalStateException(
                                "There are two logs of " + log.id() + ": " + other + " and " + log);
                    }
                }
                copies.addAll(loaded.futures());
                directories.count(directory, loaded.logs().size());
                closedWith.add(loaded.closedWith().orElse(CleanShutdownFile.NO_EPOCH));
            } catch (IOException e) {
                directories.unreadable(directory, "loading", e);
            }
        }
        for (var directory : directories.all()) {
            directory.onFailure(this::directoryFailed);
            if (!directory.isOnline()) {
                takeOffline(directory);
            }
        }
        directories.requireOneOnline();
        copies.forEach(this::resume);
    }

    /** Goes on with what was being moved when the broker stopped. */
    private void resume(PartitionLog copy) {
        var log = Optional.ofNullable(logs.get(copy.id().directoryName()));
        if (log.isEmpty() && directories.mayHideLogs()) {
            LOG.warnf("%s is left alone: the log itself may be in a directory that is offline", copy);
            return;
        }
        try {
            if (log.isPresent()
                    && log.get().id().equals(copy.id())
                    && futures.of(copy.id()).isEmpty()) {
                futures.resume(log.get(), copy);
            } else {
                LOG.warnf("Removing %s: there is no log to go on copying from", copy);
                folders.removeLater(copy.directory(), copy.path(), 0);
            }
        } catch (IOException e) {
            copy.directory().fail("removing " + copy, e);
        }
    }

    /**
     * Moves a log into another directory, in the background. One that is on its way elsewhere goes there instead; one that
     * is asked to go where it is stays there.
     *
     * @return false if there is no such log: it will be made there
     * @throws LogDirNotFoundException this broker does not have the directory
     * @throws KafkaStorageException the directory is offline
     * @throws InvalidReplicaAssignmentException it takes no new replicas (KIP-1066)
     * @throws InvalidTopicException the topic's name is too long
     */
    public synchronized boolean move(LogId id, Path path) {
        var target = placement.wanted(id.directoryName(), path, changeable.cordoned);
        var log = get(id);
        if (log.isEmpty()) {
            placement.prefer(id.directoryName(), target);
            return false;
        }
        var moving = futures.of(id);
        if (moving.isPresent() && moving.get().copy().directory() == target) {
            return true;
        }
        futures.cancel(id);
        if (log.get().directory() != target) {
            futures.start(log.get(), target, log.get().config());
        }
        return true;
    }

    /** As {@link #move}, of a log that is not there: remembers where to make it. */
    public synchronized void prefer(String topic, int partition, Path path) {
        var name = topic + "-" + partition;
        placement.prefer(name, placement.wanted(name, path, changeable.cordoned));
    }

    /** Called by whoever met the error, perhaps under a log's lock: who is told is told from the background. */
    private void directoryFailed(LogDirectory directory) {
        var gone = takeOffline(directory);
        try {
            environment.background().execute(() -> offlineListeners.forEach(l -> l.accept(directory.path(), gone)));
        } catch (RejectedExecutionException e) {
            LOG.debugf("%s went offline while the broker stops", directory);
        }
    }

    private Set<LogId> takeOffline(LogDirectory directory) {
        futures.directoryFailed(directory);
        var gone = new HashSet<LogId>();
        for (var log : logs.values()) {
            if (log.directory() == directory) {
                offline.add(log.id().directoryName());
                logs.remove(log.id().directoryName(), log);
                gone.add(log.id());
            }
        }
        return gone;
    }

    /**
     * The log, created if it is new.
     *
     * @throws org.apache.kafka.common.errors.KafkaStorageException if it is, or might be, in an offline directory
     * @throws org.apache.kafka.common.errors.InconsistentTopicIdException if the directory holds a log of the same name
     *     of another topic id; {@link #delete} that one first
     */
    public PartitionLog getOrCreate(LogId id, LogConfig config) {
        return getOrCreate(id, config, directories.mayHideLogs());
    }

    /** As {@link #getOrCreate}, for a partition known never to have existed here: an offline directory is no obstacle. */
    public PartitionLog createNew(LogId id, LogConfig config) {
        return getOrCreate(id, config, false);
    }

    private PartitionLog getOrCreate(LogId id, LogConfig config, boolean mightBeOffline) {
        var existing = logs.get(id.directoryName());
        if (existing == null) {
            synchronized (this) {
                existing = logs.get(id.directoryName());
                if (existing == null) {
                    if (mightBeOffline || offline.contains(id.directoryName())) {
                        throw new KafkaStorageException("Log " + id + " is in a log directory that is offline");
                    }
                    return create(id, config);
                }
            }
        }
        if (existing.id().topicId().equals(Uuid.ZERO_UUID) && !id.topicId().equals(Uuid.ZERO_UUID)) {
            existing = adopt(existing, id);
        }
        if (!existing.id().topicId().equals(id.topicId())) {
            throw new InconsistentTopicIdException("Log " + existing + " belongs to the topic with id "
                    + existing.id().topicId() + ", not " + id.topicId());
        }
        existing.configure(config);
        return existing;
    }

    /** A log without a topic id gets that of the topic. It is not in use yet: whoever uses logs knows their ids. */
    private synchronized PartitionLog adopt(PartitionLog nameless, LogId id) {
        var current = logs.get(id.directoryName());
        if (current != nameless) {
            return current;
        }
        try {
            PartitionMetadata.write(nameless.path(), id.topicId());
        } catch (IOException e) {
            throw nameless.directory().fail("naming " + id, e);
        }
        var named = nameless.withId(id);
        logs.put(id.directoryName(), named);
        return named;
    }

    /** Under the store's monitor. */
    private PartitionLog create(LogId id, LogConfig config) {
        var directory = placement.ofNewLog(id.directoryName(), changeable.cordoned);
        var core = new LogCore(id, directory, environment, config, LogCheckpoint.ZERO);
        folders.create(core);
        var log = PartitionLog.blank(core);
        logs.put(id.directoryName(), log);
        directories.count(directory, 1);
        return log;
    }

    public Optional<PartitionLog> get(LogId id) {
        return Optional.ofNullable(logs.get(id.directoryName()))
                .filter(log -> log.id().topicId().equals(id.topicId()));
    }

    /** Takes the log away at once and removes its files after {@code file.delete.delay.ms}. Unknown ids are ignored. */
    public void delete(LogId id) {
        synchronized (this) {
            var log = get(id).orElse(null);
            if (log == null) {
                return;
            }
            futures.cancel(id);
            folders.delete(log);
            logs.remove(id.directoryName(), log);
            directories.count(log.directory(), -1);
        }
    }

    /** The logs of all directories that are online. */
    public Collection<LogId> list() {
        return logs.values().stream().map(PartitionLog::id).toList();
    }

    /** The directories that are out of service. Cheap. */
    public List<Path> offlineDirectories() {
        return directories.all().stream()
                .filter(directory -> !directory.isOnline())
                .map(LogDirectory::path)
                .toList();
    }

    List<Path> onlineDirectories() {
        return directories.all().stream()
                .filter(LogDirectory::isOnline)
                .map(LogDirectory::path)
                .toList();
    }

    /** How many directories there are, offline ones included. */
    public int directoryCount() {
        return directories.all().size();
    }

    /** Every directory with the sizes of all its logs: walks them all, and asks the file system. */
    public List<LogDirectoryDescription> describe() {
        return directories.all().stream()
                .map(directory -> DirectorySizes.describe(directory, logs.values(), futures.all()))
                .toList();
    }

    /** Who is told that a directory went offline and which logs with it; from the background executor. */
    public void onOffline(BiConsumer<Path, Set<LogId>> listener) {
        offlineListeners.add(listener);
    }

    /** Writes all checkpoints now. */
    public void checkpoint() {
        checkpoints.keySet().forEach(this::checkpoint);
    }

    private void checkpoint(LogDirectory directory) {
        if (directory.isOnline()) {
            try {
                checkpoints.get(directory).write(() -> logsOf(directory));
            } catch (IOException e) {
                directory.fail("checkpointing", e);
            }
        }
    }

    private List<PartitionLog> logsOf(LogDirectory directory) {
        return Stream.concat(logs.values().stream(), futures.in(directory).stream())
                .filter(log -> log.directory() == directory)
                .sorted((a, b) -> a.id().directoryName().compareTo(b.id().directoryName()))
                .toList();
    }

    /** Lets go of what nobody used for a while. */
    void rest() {
        environment.files().closeIdle();
        for (var log : logs.values()) {
            try {
                log.rest();
            } catch (RuntimeException e) {
                LOG.warnf("Log %s cannot be put to rest: %s", log, e.getMessage());
            }
        }
    }

    /** All logs that are online: for retention and cleaning. */
    Collection<PartitionLog> logs() {
        return List.copyOf(logs.values());
    }

    LogEnvironment environment() {
        return environment;
    }

    /** Returns whether all logs of the directory are on the device as they should be. */
    private boolean closeLogs(LogDirectory directory) {
        if (!directory.isOnline()) {
            return false;
        }
        try {
            LogDirectoryLoader.inParallel(
                    directory, changeable.recoveryThreads, "log-close", logsOf(directory), PartitionLog::close);
            return true;
        } catch (IllegalStateException e) {
            LOG.errorf(e, "Log directory %s cannot be closed properly and will be recovered", directory);
            return false;
        }
    }

    /** Flushes, checkpoints, marks the shutdown as clean, unlocks. */
    @Override
    public void close() {
        if (!loaded) {
            directories.all().forEach(LogDirectory::close); // and they are as clean as they were
            return;
        }
        tasks.forEach(t -> t.cancel(false));
        futures.stop();
        var clean = directories.all().stream().filter(this::closeLogs).toList();
        checkpoint();
        for (var directory : directories.all()) {
            if (clean.contains(directory) && directory.isOnline()) {
                try {
                    directory.markCleanShutdown(brokerEpoch);
                } catch (IOException e) {
                    directory.fail("closing", e);
                }
            }
            directory.close();
        }
        environment.files().closeIdle();
        environment.files().closeIdle();
    }
}
