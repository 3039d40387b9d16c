package io.odradek.replication;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.common.utils.Time;

/**
 * The fetchers of a broker: {@code num.replica.fetchers} for each broker that leads a partition that is followed here. One
 * comes with its first partition and goes with its last.
 *
 * <p>Thread-safe; its monitor is held while partitions are spread over the fetchers, never while anything is fetched.
 */
final class ReplicaFetchers implements AutoCloseable {
    private final FetcherConfig config;
    private final ReplicationTraffic traffic;
    private final LeaderConnections connections;
    private final LongSupplier brokerEpoch;
    private final Time time;
    private final Timer timer;
    private final Map<Key, ReplicaFetcher> fetchers = new HashMap<>();
    private int perLeader;
    private boolean closed;

    private record Key(int leader, int fetcher) {}

    /**
     * @param perLeader {@code num.replica.fetchers}
     * @param brokerEpoch this broker's, as the metadata has it now
     */
    ReplicaFetchers(
            FetcherConfig config,
            ReplicationTraffic traffic,
            int perLeader,
            LeaderConnections connections,
            LongSupplier brokerEpoch,
            Time time,
            Timer timer) {
        this.config = config;
        this.traffic = traffic;
        this.perLeader = perLeader;
        this.connections = connections;
        this.brokerEpoch = brokerEpoch;
        this.time = time;
        this.timer = timer;
    }

    /** Changes what is followed, in one step. A partition without a leader is not fetched from anybody. */
    void change(Collection<FollowedPartition> left, Collection<FollowedPartition> followed) {
        var idle = new ArrayList<ReplicaFetcher>();
        Set<ReplicaFetcher> changed = new LinkedHashSet<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            for (var partition : followed) {
                if (partition.leader() >= 0) {
                    var fetcher = fetchers.computeIfAbsent(keyOf(partition), this::start);
                    fetcher.add(partition);
                    changed.add(fetcher);
                }
            }
            for (var partition : left) {
                var fetcher = fetchers.get(keyOf(partition));
                if (fetcher != null) {
                    fetcher.remove(partition);
                    changed.add(fetcher);
                    if (fetcher.isEmpty()) {
                        fetchers.remove(keyOf(partition));
                        idle.add(fetcher);
                    }
                }
            }
        }
        idle.forEach(ReplicaFetcher::close);
        changed.forEach(ReplicaFetcher::goOn);
    }

    private ReplicaFetcher start(Key key) {
        return new ReplicaFetcher(
                config, traffic, key.leader, () -> connections.to(key.leader, key.fetcher), brokerEpoch, time, timer);
    }

    private Key keyOf(FollowedPartition partition) {
        var id = partition.id();
        return new Key(partition.leader(), Math.floorMod(31 * id.topicId().hashCode() + id.partition(), perLeader));
    }

    /**
     * Another number of fetchers for each leader.
     *
     * @param followed all that is followed now
     */
    void resize(int perLeader, Collection<FollowedPartition> followed) {
        ArrayList<ReplicaFetcher> former;
        synchronized (this) {
            if (perLeader == this.perLeader) {
                return;
            }
            this.perLeader = perLeader;
            former = new ArrayList<>(fetchers.values());
            fetchers.clear();
        }
        former.forEach(ReplicaFetcher::close);
        change(List.of(), followed);
    }

    /** Nothing is fetched any more. */
    @Override
    public void close() {
        ArrayList<ReplicaFetcher> former;
        synchronized (this) {
            closed = true;
            former = new ArrayList<>(fetchers.values());
            fetchers.clear();
        }
        former.forEach(ReplicaFetcher::close);
    }
}
