package io.odradek.replication;

import io.odradek.config.LogConfig;
import io.odradek.log.LogId;
import io.odradek.log.LogStore;
import io.odradek.log.PartitionLog;
import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.ReplicaNotAvailableException;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;

/**
 * The partitions of this broker. Follows the metadata: makes logs for the replicas it is given, leads where it is the
 * leader, deletes what is deleted.
 *
 * <p>Threading: lookups take no lock and may come from any thread. Changes come from the metadata's applying thread and
 * from a thread that met a broken disk, one at a time under this object's monitor.
 */
public final class PartitionRegistry implements MetadataListener {
    /** What a request says that does not know the leader epoch. */
    public static final int NO_EPOCH = -1;

    private static final Logger LOG = Logger.getLogger(PartitionRegistry.class);

    private final int brokerId;
    private final LogStore logs;
    private final TopicConfigs configs;
    private final ConcurrentHashMap<String, HostedTopic> byName = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Uuid, HostedTopic> byId = new ConcurrentHashMap<>();
    private final List<LeadershipListener> leaderships = new CopyOnWriteArrayList<>();
    private final Executor background;
    private volatile MetadataImage image = MetadataImage.EMPTY;
    private LeaderContext context;
    private volatile ReplicationTraffic traffic;
    /** Empty as long as the broker does not fetch from others. */
    private Optional<ReplicaFetchers> fetchers = Optional.empty();
    /** Of the change that is under way. */
    private final List<FollowedPartition> newlyFollowed = new ArrayList<>();

    private final List<FollowedPartition> notFollowed = new ArrayList<>();
    /** Partitions that appear from then on are new to the whole cluster. */
    private boolean started;

    /**
     * Has still to be added to the metadata's listeners, after whoever keeps {@code configs} up to date.
     *
     * @param background where the news of a broken disk are dealt with; the thread that met the error may be in the middle
     *     of an append
     */
    public PartitionRegistry(int brokerId, LogStore logs, TopicConfigs configs, Executor background) {
        this.brokerId = brokerId;
        this.logs = logs;
        this.configs = configs;
        this.background = background;
        this.context = LeaderContext.alone(brokerId, this::broker);
        this.traffic = ReplicationTraffic.none();
        logs.onOffline((directory, ids) -> background.execute(() -> onOffline(directory, ids)));
    }

    private Optional<BrokerImage> broker(int id) {
        return image.broker(id);
    }

    /**
     * Has the partitions of this broker replicated: followed from those that other brokers lead, and their followers taken
     * into and out of the ISR. To be called once, before {@link #start}.
     *
     * @return stops it; what is led stays led, for the broker to close
     */
    public synchronized Replication replicate(Replication.Environment environment) {
        context = environment.leaders(brokerId, this::broker);
        traffic = environment.traffic();
        var replicaFetchers = environment.fetchers(brokerId, this::ownEpoch);
        fetchers = Optional.of(replicaFetchers);
        return new Replication(this, replicaFetchers, environment, background);
    }

    private long ownEpoch() {
        return image.broker(brokerId).map(BrokerImage::epoch).orElse(FollowerState.UNKNOWN_EPOCH);
    }

    /** To be called before {@link #start}: who comes later is not told what is led already. */
    public void addLeadershipListener(LeadershipListener listener) {
        leaderships.add(listener);
    }

    /** The metadata that the lookups are in step with. */
    public MetadataImage image() {
        return image;
    }

    /**
     * The partition, if this broker leads it.
     *
     * @throws ApiException as Kafka: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR
     */
    public PartitionLeader leader(String topic, int partition) {
        return leader(topic, partition, NO_EPOCH);
    }

    /**
     * As {@link #leader(String, int)}, in the epoch that the client knows of.
     *
     * @param currentLeaderEpoch {@link #NO_EPOCH} if it does not say
     * @throws ApiException as Kafka: also FENCED_LEADER_EPOCH and UNKNOWN_LEADER_EPOCH
     */
    public PartitionLeader leader(String topic, int partition, int currentLeaderEpoch) {
        return leader(byName.get(topic), topic, partition, currentLeaderEpoch);
    }

    /**
     * As {@link #leader(String, int, int)}, by topic id.
     *
     * @throws ApiException as Kafka: also UNKNOWN_TOPIC_ID
     */
    public PartitionLeader leader(Uuid topicId, int partition, int currentLeaderEpoch) {
        var hosted = byId.get(topicId);
        if (hosted != null) {
            return leader(hosted, hosted.name, partition, currentLeaderEpoch);
        }
        var topic = image.topics()
                .byId(topicId)
                .orElseThrow(() -> Errors.UNKNOWN_TOPIC_ID.exception("There is no topic with id " + topicId));
        return leader(null, topic.name(), partition, currentLeaderEpoch);
    }

    private PartitionLeader leader(HostedTopic topic, String name, int partition, int currentLeaderEpoch) {
        var hosted = topic == null ? null : topic.partition(partition);
        if (hosted instanceof PartitionLeader leader) {
            checkEpoch(leader.leaderEpoch(), currentLeaderEpoch, name, partition);
            return leader;
        }
        throw noLeader(hosted, name, partition, currentLeaderEpoch);
    }

    /**
     * The partition, if this broker leads or follows it, in the epoch that the client knows of.
     *
     * @param currentLeaderEpoch {@link #NO_EPOCH} if it does not say
     * @throws ApiException as {@link #leader(String, int, int)}
     */
    public ReadablePartition readable(String topic, int partition, int currentLeaderEpoch) {
        return readable(byName.get(topic), topic, partition, currentLeaderEpoch);
    }

    /**
     * As {@link #readable(String, int, int)}, by topic id.
     *
     * @throws ApiException as {@link #leader(Uuid, int, int)}
     */
    public ReadablePartition readable(Uuid topicId, int partition, int currentLeaderEpoch) {
        var hosted = byId.get(topicId);
        return hosted == null
                ? leader(topicId, partition, currentLeaderEpoch)
                : readable(hosted, hosted.name, partition, currentLeaderEpoch);
    }

    private ReadablePartition readable(HostedTopic topic, String name, int partition, int currentLeaderEpoch) {
        if (topic != null && topic.partition(partition) instanceof PartitionFollower follower) {
            checkEpoch(follower.leaderEpoch(), currentLeaderEpoch, name, partition);
            return follower;
        }
        return leader(topic, name, partition, currentLeaderEpoch);
    }

    private ApiException noLeader(HostedPartition hosted, String topic, int partition, int currentLeaderEpoch) {
        if (hosted instanceof OfflinePartition) {
            return new KafkaStorageException(
                    "Partition " + topic + "-" + partition + " is in an offline log directory");
        }
        if (hosted instanceof FollowedPartition followed) {
            checkEpoch(followed.leaderEpoch(), currentLeaderEpoch, topic, partition);
        }
        boolean exists = image.topics()
                .byName(topic)
                .flatMap(t -> t.partition(partition))
                .isPresent();
        return exists
                ? new NotLeaderOrFollowerException("Broker " + brokerId + " does not lead " + topic + "-" + partition)
                : Errors.UNKNOWN_TOPIC_OR_PARTITION.exception("There is no partition " + topic + "-" + partition);
    }

    private static void checkEpoch(int leaderEpoch, int asked, String topic, int partition) {
        if (asked == NO_EPOCH || asked == leaderEpoch) {
            return;
        }
        var error = asked < leaderEpoch ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
        throw error.exception(
                "The leader epoch of " + topic + "-" + partition + " is " + leaderEpoch + ", not " + asked);
    }

    /** Whether a broker with this epoch has been succeeded by a later incarnation. */
    public boolean isStale(int broker, long epoch) {
        KnownBrokers known = this::broker;
        return known.isStale(broker, epoch);
    }

    /** How many partitions this broker leads; for metrics. */
    public int leaderCount() {
        int count = 0;
        for (var topic : byId.values()) {
            for (var partition : topic.partitions()) {
                count += partition instanceof PartitionLeader ? 1 : 0;
            }
        }
        return count;
    }

    /** How many partitions this broker follows; for metrics. */
    public int followerCount() {
        return followed().size();
    }

    /** What is replicated from and to other brokers. */
    public ReplicationTraffic traffic() {
        return traffic;
    }

    /**
     * How many committed records the replica lacks that lags behind most, of those that follow here; for metrics. What the
     * leader has not told of yet does not count.
     */
    public long maxLag() {
        return followed().stream().mapToLong(FollowedPartition::lag).max().orElse(0);
    }

    /** Everything that is followed now. */
    List<FollowedPartition> followed() {
        var all = new ArrayList<FollowedPartition>();
        for (var topic : byId.values()) {
            for (var partition : topic.partitions()) {
                if (partition instanceof FollowedPartition follower) {
                    all.add(follower);
                }
            }
        }
        return all;
    }

    /** Has each leader look which followers lag behind. */
    void checkIsrs() {
        for (var topic : byId.values()) {
            for (var partition : topic.partitions()) {
                if (partition instanceof PartitionLeader leader) {
                    leader.checkIsr();
                }
            }
        }
    }

    /**
     * Moves this broker's replica of a partition into another log directory, in the background. If it is no replica, the
     * directory is remembered for when it is.
     *
     * @throws ApiException as Kafka: LOG_DIR_NOT_FOUND, KAFKA_STORAGE_ERROR, REPLICA_NOT_AVAILABLE,
     *     UNKNOWN_TOPIC_OR_PARTITION, INVALID_REPLICA_ASSIGNMENT for a cordoned directory, INVALID_TOPIC_EXCEPTION for a name that is too long
     */
    public synchronized void alterLogDirectory(String name, int partition, Path directory) {
        var topic = byName.get(name);
        var hosted = topic == null ? null : topic.partition(partition);
        if (hosted == null) {
            logs.prefer(name, partition, directory);
        } else if (logs.move(new LogId(name, partition, topic.id), directory)) {
            return;
        } else if (hosted instanceof OfflinePartition) {
            throw new KafkaStorageException("Partition " + name + "-" + partition + " is offline");
        }
        if (image.topics().byName(name).flatMap(t -> t.partition(partition)).isEmpty()) {
            throw Errors.UNKNOWN_TOPIC_OR_PARTITION.exception("There is no partition " + name + "-" + partition);
        }
        throw new ReplicaNotAvailableException("Broker " + brokerId + " has no replica of " + name + "-" + partition);
    }

    @Override
    public synchronized void onChange(MetadataChange change) {
        image = change.after();
        if (!started) {
            return;
        }
        for (var id : change.topics()) {
            if (change.after().topics().byId(id).isEmpty()) {
                remove(id);
            }
        }
        for (var id : change.topics()) {
            change.after().topics().byId(id).ifPresent(topic -> host(change.before(), topic));
        }
        if (change.configs().stream().anyMatch(c -> c.type() == ConfigResource.Type.BROKER)) {
            reconfigureAll();
        }
        tellFetchers();
    }

    /** Once all partitions of a change have their new places: a fetcher asks for all of them at once. */
    private void tellFetchers() {
        if (!notFollowed.isEmpty() || !newlyFollowed.isEmpty()) {
            fetchers.ifPresent(f -> f.change(notFollowed, newlyFollowed));
            notFollowed.clear();
            newlyFollowed.clear();
        }
    }

    /**
     * Takes up the partitions that the metadata gives to this broker, and deletes the logs of those that it does not know:
     * they were deleted while this broker was down. To be called once, when the metadata is known to be current, which is
     * when this broker's registration has been applied; until then no log is touched, for a log that an older image does
     * not know might be newer than the image.
     */
    public synchronized void start() {
        for (var id : logs.list()) {
            if (!isKnown(id)) {
                LOG.infof("Deleting stray log %s: there is no such partition on this broker any more", id);
                logs.delete(id);
            }
        }
        for (var topic : image.topics().all()) {
            host(MetadataImage.EMPTY, topic);
        }
        tellFetchers();
        started = true;
    }

    private boolean isKnown(LogId id) {
        return image.topics()
                .byId(id.topicId())
                .filter(topic -> topic.name().equals(id.topic()))
                .flatMap(topic -> topic.partition(id.partition()))
                .filter(partition -> partition.replicas().contains(brokerId))
                .isPresent();
    }

    /** Applies the settings in force to all logs, after the broker's own have changed. */
    public synchronized void reconfigureAll() {
        for (var topic : byId.values()) {
            reconfigure(topic.partitions(), configs.of(image, topic.name));
        }
    }

    private void host(MetadataImage before, TopicImage topic) {
        var known = before.topics().byId(topic.id());
        var hosted = byId.get(topic.id());
        var config = configs.of(image, topic.name());
        if (hosted != null && known.isPresent() && known.get().partitions() == topic.partitions()) {
            reconfigure(hosted.partitions(), config);
            return;
        }
        if (topic.partitions().stream().noneMatch(p -> p.replicas().contains(brokerId))) {
            remove(topic.id());
            return;
        }
        if (hosted == null) {
            hosted = new HostedTopic(topic.id(), topic.name());
        } else {
            reconfigure(hosted.partitions(), config);
        }
        var next = hosted.copy(topic.partitions().size());
        for (var partition : topic.partitions()) {
            int index = partition.partition();
            boolean isNew = started && known.flatMap(t -> t.partition(index)).isEmpty();
            next[index] = next(topic, partition, next[index], config, isNew);
        }
        hosted.replace(next);
        byId.put(topic.id(), hosted);
        byName.put(topic.name(), hosted);
    }

    /** What this broker has of the partition from now on; null if it is no replica. */
    private HostedPartition next(
            TopicImage topic, PartitionImage partition, HostedPartition current, LogConfig config, boolean isNew) {
        if (current instanceof OfflinePartition) {
            return current;
        }
        if (!partition.replicas().contains(brokerId)) {
            if (current != null) {
                resign(current, Errors.NOT_LEADER_OR_FOLLOWER);
                logs.delete(new LogId(topic.name(), partition.partition(), topic.id()));
            }
            return null;
        }
        boolean leads = partition.leader() == brokerId;
        if (leads && current instanceof PartitionLeader leader && leader.leaderEpoch() == partition.leaderEpoch()) {
            leader.update(partition);
            return leader;
        }
        if (!leads
                && current instanceof FollowedPartition follower
                && follower.leaderEpoch() == partition.leaderEpoch()
                && follower.leader() == partition.leader()) {
            return follower;
        }
        resign(current, Errors.NOT_LEADER_OR_FOLLOWER);
        try {
            var log = logOf(current, topic, partition, config, isNew);
            return leads ? lead(log, partition) : follow(log, partition);
        } catch (KafkaStorageException e) {
            LOG.errorf("Partition %s-%d is offline: %s", topic.name(), partition.partition(), e.getMessage());
            return new OfflinePartition();
        }
    }

    private PartitionLeader lead(PartitionLog log, PartitionImage partition) {
        var leader = new PartitionLeader(log, partition, context);
        leaderships.forEach(listener -> listener.led(leader));
        return leader;
    }

    private FollowedPartition follow(PartitionLog log, PartitionImage partition) {
        var follower = new PartitionFollower(log, partition.leader(), partition.leaderEpoch());
        newlyFollowed.add(follower);
        return follower;
    }

    private PartitionLog logOf(
            HostedPartition current, TopicImage topic, PartitionImage partition, LogConfig config, boolean isNew) {
        var id = new LogId(topic.name(), partition.partition(), topic.id());
        return isNew && current == null ? logs.createNew(id, config) : logs.getOrCreate(id, config);
    }

    private void remove(Uuid id) {
        var topic = byId.remove(id);
        if (topic == null) {
            return;
        }
        byName.remove(topic.name, topic);
        var partitions = topic.partitions();
        topic.replace(new HostedPartition[0]);
        for (int i = 0; i < partitions.length; i++) {
            if (partitions[i] != null) {
                resign(partitions[i], Errors.UNKNOWN_TOPIC_OR_PARTITION);
                logs.delete(new LogId(topic.name, i, id));
            }
        }
    }

    private void resign(HostedPartition partition, Errors because) {
        if (partition instanceof PartitionLeader leader) {
            leader.resign(because);
            leaderships.forEach(listener -> listener.resigned(leader, because));
        } else if (partition instanceof FollowedPartition follower) {
            follower.resign();
            follower.wake();
            notFollowed.add(follower);
        }
    }

    private static void reconfigure(HostedPartition[] partitions, LogConfig config) {
        for (var partition : partitions) {
            if (partition instanceof PartitionLeader leader) {
                leader.log().configure(config);
            } else if (partition instanceof FollowedPartition followed) {
                followed.log().configure(config);
            }
        }
    }

    private synchronized void onOffline(Path directory, Set<LogId> ids) {
        LOG.errorf("Log directory %s is offline, and with it %d partitions", directory, ids.size());
        for (var id : ids) {
            var topic = byId.get(id.topicId());
            if (topic == null || topic.partition(id.partition()) == null) {
                continue;
            }
            var current = topic.partition(id.partition());
            var next = topic.copy(topic.partitions().length);
            next[id.partition()] = new OfflinePartition();
            topic.replace(next);
            resign(current, Errors.KAFKA_STORAGE_ERROR);
        }
        tellFetchers();
    }
}
