package io.odradek.api.fetch;

import io.odradek.replication.FetchIsolation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * The partitions of a fetch, or of all fetches of a session. Those are <em>quiet</em> of which there is nothing to tell: the
 * client knows how they stand, and they are watched and have not got on since. They need not be looked at and cost a fetch
 * nothing, however many they are. The others are <em>restless</em>.
 *
 * <p>Nothing is missed: a partition is subscribed to, then read, then the client is told; it becomes quiet only if it was
 * not seen to get on since the subscription. Whatever makes a difference to what a client is told of a partition has to wake
 * those who wait for it; what is not the partition's, such as who may read, {@linkplain #stir() stirs} all of them.
 *
 * <p>Thread-safe. Guarded by its monitor, inside of which no other is taken but that of a partition's waiters.
 */
public final class WatchedPartitions {
    private final Map<PartitionKey, WatchedPartition> partitions;
    /** In the order in which they should be served. */
    private final LinkedHashSet<WatchedPartition> restless = new LinkedHashSet<>();

    private final boolean lasts;
    /** As whom they were fetched last; null until they were. */
    private Terms terms;
    /** Null until it is needed, and after a change. */
    private List<FetchTarget> topics;
    /** Null if none does. */
    private HeldFetch waiting;

    private boolean closed;
    private volatile long askedMs;

    private record Terms(int replicaId, long replicaEpoch, FetchIsolation isolation) {}

    /** Of one fetch. */
    static WatchedPartitions once(Collection<FetchTarget> targets) {
        return new WatchedPartitions(targets, false);
    }

    /** Of a session. */
    static WatchedPartitions lasting(Collection<FetchTarget> targets) {
        return new WatchedPartitions(targets, true);
    }

    private WatchedPartitions(Collection<FetchTarget> targets, boolean lasts) {
        this.lasts = lasts;
        this.partitions = new LinkedHashMap<>(targets.size() * 2);
        for (var target : targets) {
            add(target);
        }
    }

    private void add(FetchTarget target) {
        var watched = new WatchedPartition(this, target);
        partitions.put(target.key(), watched);
        restless.add(watched);
        topics = null;
    }

    /**
     * Changes what is fetched.
     *
     * @param retell whether the client is to be told of those it asks for as if it knew nothing of them
     */
    synchronized void change(Iterable<FetchTarget> asked, Iterable<PartitionKey> forgotten, boolean retell) {
        for (var target : asked) {
            var watched = partitions.get(target.key());
            if (watched == null) {
                add(target);
                continue;
            }
            watched.ask(target);
            if (retell) {
                watched.forgetAnswer();
            }
            stir(watched);
        }
        for (var key : forgotten) {
            var watched = partitions.remove(key);
            if (watched != null) {
                watched.unwatch();
                restless.remove(watched);
                topics = null;
            }
        }
    }

    /** A request asks for all of them. */
    void asked(long nowMs) {
        askedMs = nowMs;
    }

    /** When that was last. */
    long askedMs() {
        return askedMs;
    }

    synchronized int size() {
        return partitions.size();
    }

    /** One of each topic. Only while nobody changes what is fetched. */
    public synchronized List<FetchTarget> topics() {
        if (topics == null) {
            var byTopic = new LinkedHashMap<PartitionKey, FetchTarget>();
            for (var watched : partitions.values()) {
                var target = watched.target();
                byTopic.putIfAbsent(new PartitionKey(target.topicId(), target.topic(), 0), target);
            }
            topics = List.copyOf(byTopic.values());
        }
        return topics;
    }

    /** A fetch begins under these conditions. Under others than before, everything has to be looked at. */
    public synchronized void fetchedAs(FetchLimits limits) {
        var next = new Terms(limits.replicaId(), limits.replicaEpoch(), limits.isolation());
        if (!next.equals(terms)) {
            terms = next;
            stir();
        }
    }

    /** The follower that fetches them, if it is one. */
    synchronized OptionalInt follower() {
        return terms == null || terms.replicaId < 0 ? OptionalInt.empty() : OptionalInt.of(terms.replicaId);
    }

    /** Those that have to be looked at, in the order in which they should be served. */
    public synchronized List<Restless> restless() {
        var all = new ArrayList<Restless>(restless.size());
        for (var watched : restless) {
            all.add(new Restless(watched, watched.target()));
        }
        return all;
    }

    /**
     * One that has to be looked at.
     *
     * @param target what was asked of it then
     */
    public record Restless(WatchedPartition partition, FetchTarget target) {}

    /** Whether there are others than the restless. */
    public synchronized boolean areSomeQuiet() {
        return restless.size() < partitions.size();
    }

    /** Has all of them looked at. */
    public synchronized void stir() {
        if (restless.size() < partitions.size()) {
            partitions.values().forEach(this::stir);
        }
    }

    /** Under the monitor. */
    void stir(WatchedPartition watched) {
        if (watched.quiet) {
            watched.quiet = false;
            restless.add(watched);
        }
    }

    /**
     * The client is told: remembers what, and returns what it need be told. A partition that gave records goes to the end
     * of the order, so that one busy partition does not starve the others.
     */
    synchronized FetchResponseData tell(List<FetchedPartition> fetched) {
        var assembler = new FetchResponseAssembler();
        for (var each : fetched) {
            var watched = each.partition();
            if (partitions.get(each.target().key()) != watched) {
                continue;
            }
            if (watched.tell(each)) {
                assembler.add(each.target(), each.answer());
            }
            if (each.atRest() && watched.isAsRead(each)) {
                watched.quiet = true;
                restless.remove(watched);
            } else {
                stir(watched);
            }
            if (FetchResponse.recordsSize(each.answer()) > 0 && restless.remove(watched)) {
                restless.add(watched);
            }
        }
        return assembler.response();
    }

    /** A fetch waits from now on: it is told of each partition that gets on. */
    synchronized void hold(HeldFetch fetch) {
        waiting = fetch;
    }

    /** It waits no more. */
    public synchronized void release(HeldFetch fetch) {
        if (waiting == fetch) {
            waiting = null;
        }
    }

    /** Another fetch begins. Returns what still waits; null if nothing does. */
    synchronized HeldFetch overtake() {
        var overtaken = waiting;
        waiting = null;
        return overtaken;
    }

    /** Under the monitor. Null if none waits. */
    HeldFetch waiting() {
        return waiting;
    }

    /** Whether they are going to be fetched again. */
    boolean lasts() {
        return lasts;
    }

    /** Under the monitor. */
    boolean isClosed() {
        return closed;
    }

    /** The client has gone; it may come back. */
    synchronized void unwatch() {
        stir();
        partitions.values().forEach(WatchedPartition::unwatch);
    }

    /** Nobody is going to fetch them any more. Returns what still waits for them; null if nothing does. */
    synchronized HeldFetch close() {
        closed = true;
        unwatch();
        return overtake();
    }
}
