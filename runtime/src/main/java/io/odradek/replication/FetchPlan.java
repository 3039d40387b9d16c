package io.odradek.replication;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * What one fetcher asks its leader for, as a state machine: which partitions, from where, in which fetch session (KIP-227).
 * After the first one, a request names only what has changed since the last, so that partitions without news cost nothing,
 * however many there are.
 *
 * <p>Throttled partitions that are behind are left out while the quota of the broker is used up (KIP-73).
 *
 * <p>A partition that the leader refused a moment ago is taken out of the session for a while: the leader would refuse it
 * again and again. While records are not durable yet that the topic wants durable, nothing is asked at all: to ask for
 * what comes behind them would say that they are.
 *
 * <p>Guarded by its monitor, which is not held while records are appended. Inside of it the monitors of partitions are
 * taken; {@link ReplicaFetcher} sees to it that nobody else appends to them then.
 */
final class FetchPlan {
    /** How long a throttled partition rests before the quota is looked at again. */
    static final long THROTTLE_PAUSE_MS = 100;

    private final FetcherConfig config;
    private final ReplicationTraffic traffic;
    private final Map<Key, Entry> entries = new HashMap<>();
    /** Whose positions the leader does not have. */
    private final LinkedHashSet<Entry> changed = new LinkedHashSet<>();
    /** What the leader has in its session and should not. */
    private final LinkedHashMap<Key, TopicIdPartition> forgotten = new LinkedHashMap<>();

    private final PriorityQueue<Entry> waiting = new PriorityQueue<>(Comparator.comparingLong(e -> e.retryAtMs));
    private FetchMetadata session = FetchMetadata.INITIAL;
    /** How many partitions are in the session, those to be forgotten not counted. */
    private int inSession;

    private int failures;
    private long retryAtMs = Long.MIN_VALUE;
    private long requests;
    /** What the leader has told of a session may not have got here. */
    private boolean missed;
    /** Whether the quota was used up when it was looked at last: then no throttled partition is in the session. */
    private boolean throttling;

    /** Read without the monitor. */
    private volatile boolean waitsForDurability;

    FetchPlan(FetcherConfig config, ReplicationTraffic traffic) {
        this.config = config;
        this.traffic = traffic;
    }

    private record Key(Uuid topicId, int partition) {
        static Key of(FollowedPartition partition) {
            return new Key(partition.id().topicId(), partition.id().partition());
        }
    }

    private static final class Entry {
        private final Key key;
        private final TopicIdPartition id;
        /** Replaced by the next leader epoch's. */
        private FollowedPartition partition;
        /** What the session has; null if it has nothing. */
        private FetchPosition asked;
        /** For whom that was. */
        private FollowedPartition askedFor;
        /** In which request. */
        private long askedIn;

        private int failures;
        private long retryAtMs;

        Entry(Key key, FollowedPartition partition) {
            this.key = key;
            this.id = new TopicIdPartition(
                    key.topicId, new TopicPartition(partition.id().topic(), key.partition));
            this.partition = partition;
        }
    }

    /** To be fetched from now on, instead of the one of an earlier leader epoch if there is one. */
    synchronized void add(FollowedPartition partition) {
        var key = Key.of(partition);
        var entry = entries.get(key);
        if (entry == null) {
            entry = new Entry(key, partition);
            entries.put(key, entry);
        } else {
            entry.partition = partition;
            waiting.remove(entry);
        }
        entry.failures = 0;
        changed.add(entry);
    }

    /** Not to be fetched any more, unless another one has taken its place. */
    synchronized void remove(FollowedPartition partition) {
        var entry = entries.get(Key.of(partition));
        if (entry != null && entry.partition == partition) {
            entries.remove(entry.key);
            takeOut(entry);
        }
    }

    synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whether {@link #next} has to be tried again when more of a log is durable. Any thread, under any lock. */
    boolean waitsForDurability() {
        return waitsForDurability;
    }

    /**
     * The next request, if there is anything to ask for now. It counts as sent; {@link #answered} or {@link #failed} has
     * to follow.
     */
    synchronized Optional<FetchRequest.Builder> next(long nowMs, long brokerEpoch) {
        return next(nowMs, brokerEpoch, false);
    }

    private Optional<FetchRequest.Builder> next(long nowMs, long brokerEpoch, boolean isOvertaking) {
        if (isHeldUp() || nowMs < retryAtMs) {
            return Optional.empty();
        }
        resume(nowMs);
        if (!isOvertaking) {
            throttleSession(nowMs);
        }
        var asked = new ArrayList<Entry>(changed.size());
        for (var entry : changed) {
            var position = entry.partition.position();
            if (position.isEmpty()) {
                takeOutOfSession(entry);
                continue;
            }
            if (entry.asked == null) {
                inSession++;
                forgotten.remove(entry.key);
            }
            entry.asked = position.get();
            entry.askedFor = entry.partition;
            entry.askedIn = requests + 1;
            asked.add(entry);
        }
        changed.clear();
        if (inSession == 0) {
            // Nor is it worth a request to tell the leader so.
            return Optional.empty();
        }
        if (session.isFull()) {
            asked = new ArrayList<>(
                    entries.values().stream().filter(e -> e.asked != null).toList());
            forgotten.clear();
        }
        requests++;
        var request = request(asked, brokerEpoch);
        forgotten.clear();
        return Optional.of(request);
    }

    /** Number of the last request. */
    synchronized long requests() {
        return requests;
    }

    /**
     * As {@link #next}, while a request is under way that the leader may hold for long: one that overtakes it in the
     * session, if there is news. The answer of the one that was overtaken is {@linkplain #answeredLate late}.
     */
    synchronized Optional<FetchRequest.Builder> overtaking(long nowMs, long brokerEpoch) {
        resume(nowMs);
        if (session.isFull() || changed.isEmpty()) {
            return Optional.empty();
        }
        var before = session;
        session = session.nextIncremental();
        var request = next(nowMs, brokerEpoch, true);
        if (request.isEmpty()) {
            session = before;
        }
        return request;
    }

    /** What has rested for long enough is asked for again, if the quota has room for it. */
    private void resume(long nowMs) {
        for (var due = waiting.peek(); due != null && due.retryAtMs <= nowMs; due = waiting.peek()) {
            changed.add(waiting.poll());
        }
        if (!changed.isEmpty() && traffic.follower().isExceeded()) {
            for (var entry : List.copyOf(changed)) {
                throttle(entry, nowMs);
            }
        }
    }

    /**
     * What is in the session already, and has not been answered, leaves it as soon as the quota is used up. Not while a
     * request is under way: the records that it brings would be thrown away.
     */
    private void throttleSession(long nowMs) {
        boolean exceeded = traffic.follower().isExceeded();
        if (exceeded && !throttling) {
            entries.values().stream().filter(e -> e.asked != null).forEach(entry -> throttle(entry, nowMs));
        }
        throttling = exceeded;
    }

    private void throttle(Entry entry, long nowMs) {
        if (entry.partition.isThrottled(config.brokerId()) && entry.partition.isBehind()) {
            changed.remove(entry);
            takeOutOfSession(entry);
            entry.retryAtMs = nowMs + THROTTLE_PAUSE_MS;
            waiting.add(entry);
        }
    }

    private boolean isHeldUp() {
        // Said first: what becomes durable meanwhile is noticed then.
        waitsForDurability = true;
        for (var entry : changed) {
            if (!entry.partition.isDurable()) {
                return true;
            }
        }
        waitsForDurability = false;
        return false;
    }

    private FetchRequest.Builder request(List<Entry> asked, long brokerEpoch) {
        // Neighbours of one topic share its name in the request.
        asked.sort(Comparator.comparing((Entry e) -> e.id.topic()).thenComparingInt(e -> e.key.partition));
        var partitions = new LinkedHashMap<TopicPartition, FetchRequest.PartitionData>(asked.size() * 2);
        for (var entry : asked) {
            partitions.put(
                    entry.id.topicPartition(),
                    new FetchRequest.PartitionData(
                            entry.key.topicId,
                            entry.asked.offset(),
                            entry.asked.logStartOffset(),
                            config.partitionMaxBytes(),
                            Optional.of(entry.partition.leaderEpoch()),
                            entry.asked.lastEpoch() < 0 ? Optional.empty() : Optional.of(entry.asked.lastEpoch())));
        }
        return FetchRequest.Builder.forReplica(
                        ApiKeys.FETCH.latestVersion(),
                        config.brokerId(),
                        brokerEpoch,
                        // Nothing overtakes a request for a session; it must not wait.
                        session.isFull() ? 0 : config.maxWaitMs(),
                        config.minBytes(),
                        partitions)
                .setMaxBytes(config.maxBytes())
                .metadata(session)
                .removed(List.copyOf(forgotten.values()));
    }

    /** The leader has answered the last request. Appends what it sent. */
    void answered(FetchResponse response, long nowMs) {
        if (accepted(response, nowMs)) {
            take(response, Long.MAX_VALUE, nowMs);
        }
    }

    /**
     * The leader has answered a request that was overtaken: perhaps before it knew. Then this is news that comes once.
     *
     * @param request its number
     */
    void answeredLate(FetchResponse response, long request, long nowMs) {
        if (response.error() == Errors.NONE) {
            take(response, request, nowMs);
        }
    }

    /** A request that was overtaken came to nothing. If it was answered, that is lost, and not told again in this session. */
    synchronized void failedLate() {
        missed = true;
    }

    private void take(FetchResponse response, long request, long nowMs) {
        for (var topic : response.data().responses()) {
            for (var answer : topic.partitions()) {
                var key = new Key(topic.topicId(), answer.partitionIndex());
                FollowedPartition partition;
                FetchPosition asked;
                synchronized (this) {
                    var entry = entries.get(key);
                    if (entry == null
                            || entry.asked == null
                            || entry.partition != entry.askedFor
                            || entry.askedIn > request) {
                        continue;
                    }
                    partition = entry.partition;
                    asked = entry.asked;
                }
                var outcome = partition.answered(asked.offset(), answer);
                long bytes = FetchResponse.recordsSize(answer);
                if (bytes > 0) {
                    traffic.received(bytes, partition.isThrottled(config.brokerId()));
                }
                partition.wake();
                synchronized (this) {
                    took(key, partition, asked, outcome, nowMs);
                }
            }
        }
    }

    private synchronized boolean accepted(FetchResponse response, long nowMs) {
        switch (response.error()) {
            case NONE -> {
                failures = 0;
                retryAtMs = Long.MIN_VALUE;
                if (missed && !session.isFull()) {
                    session = session.nextCloseExistingAttemptNew();
                } else if (response.sessionId() == FetchMetadata.INVALID_SESSION_ID) {
                    // The leader had no room for a session, or ended it.
                    session = FetchMetadata.INITIAL;
                } else if (session.isFull()) {
                    session = FetchMetadata.newIncremental(response.sessionId());
                } else {
                    session = session.nextIncremental();
                }
                missed = false;
                return true;
            }
            case FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR -> {
                if (session.isFull()) {
                    failed(nowMs);
                } else {
                    session = session.nextCloseExistingAttemptNew();
                }
                return false;
            }
            default -> {
                failed(nowMs);
                return false;
            }
        }
    }

    /** The last request came to nothing. */
    synchronized void failed(long nowMs) {
        session = session.nextCloseExistingAttemptNew();
        retryAtMs = nowMs + config.backoffMs(++failures);
    }

    /** When a partition may be asked for again that rests; {@link Long#MAX_VALUE} if there is none. */
    synchronized long nextRetryAtMs() {
        return waiting.isEmpty() ? Long.MAX_VALUE : waiting.peek().retryAtMs;
    }

    private void took(Key key, FollowedPartition partition, FetchPosition asked, FollowOutcome outcome, long nowMs) {
        var entry = entries.get(key);
        if (entry == null || entry.partition != partition || entry.asked != asked) {
            return;
        }
        switch (outcome) {
            case GO_ON -> {
                entry.failures = 0;
                if (!partition.position().equals(Optional.of(asked))) {
                    changed.add(entry);
                }
            }
            case BACK_OFF -> {
                takeOutOfSession(entry);
                entry.retryAtMs = nowMs + config.backoffMs(++entry.failures);
                waiting.add(entry);
            }
            case STOP -> takeOutOfSession(entry);
        }
    }

    private void takeOut(Entry entry) {
        changed.remove(entry);
        waiting.remove(entry);
        takeOutOfSession(entry);
    }

    private void takeOutOfSession(Entry entry) {
        if (entry.asked != null) {
            entry.asked = null;
            entry.askedFor = null;
            inSession--;
            forgotten.put(entry.key, entry.id);
        }
    }

    /** When there may be something to ask for, if nothing happens until then; {@link Long#MAX_VALUE} if there will not. */
    synchronized long wakeUpAtMs() {
        if (waitsForDurability) {
            return Long.MAX_VALUE;
        }
        if (!changed.isEmpty() || inSession > 0) {
            return Math.max(retryAtMs, 0);
        }
        return waiting.isEmpty() ? Long.MAX_VALUE : Math.max(retryAtMs, waiting.peek().retryAtMs);
    }
}
