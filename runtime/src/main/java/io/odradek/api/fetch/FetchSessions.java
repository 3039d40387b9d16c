package io.odradek.api.fetch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.utils.Time;

/**
 * All fetch sessions of a broker, bounded by {@code max.incremental.fetch.session.cache.slots}. Thread-safe.
 *
 * <p>When all slots are taken, a new session displaces one that has been idle for {@link #EVICTION_MS}, else one that is
 * at least that old and has fewer partitions; followers displace consumers, never the other way round (KIP-227). Without
 * a slot a client is served without a session.
 */
public final class FetchSessions {
    /** As in Apache Kafka, where it is no setting either. */
    static final long EVICTION_MS = 120_000;

    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;

    private final int slots;
    private final Time time;
    private final RandomGenerator random;
    private final ConcurrentHashMap<Integer, FetchSession> sessions = new ConcurrentHashMap<>();

    /** @param random used under this object's monitor only */
    public FetchSessions(int slots, Time time, RandomGenerator random) {
        this.slots = slots;
        this.time = time;
        this.random = random;
    }

    /** How many sessions there are. */
    public int size() {
        return sessions.size();
    }

    /**
     * What the request is about.
     *
     * @param topicName the name of the topic with this id, or null if there is none
     */
    public FetchContext context(FetchRequest request, Function<Uuid, String> topicName) {
        var metadata = request.metadata();
        boolean usesTopicIds = request.version() >= FIRST_VERSION_WITH_TOPIC_IDS;
        var asked = asked(request.data(), usesTopicIds, topicName);
        if (metadata.isFull()) {
            close(sessions.remove(metadata.sessionId()));
            return metadata.epoch() == FetchMetadata.FINAL_EPOCH
                    ? new SessionlessFetch(WatchedPartitions.once(asked.values()))
                    : new NewSessionFetch(
                            this,
                            WatchedPartitions.lasting(asked.values()),
                            usesTopicIds,
                            FetchRequest.isValidBrokerId(request.replicaId()));
        }
        var session = sessions.get(metadata.sessionId());
        if (session == null) {
            return new RefusedFetch(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        HeldFetch overtaken;
        FetchContext context;
        synchronized (session) {
            if (session.epoch() != metadata.epoch()) {
                return new RefusedFetch(Errors.INVALID_FETCH_SESSION_EPOCH);
            }
            if (session.usesTopicIds() != usesTopicIds) {
                return new RefusedFetch(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
            }
            overtaken = session.partitions().overtake();
            context = next(session, asked.values(), forgotten(request.data(), usesTopicIds));
        }
        if (overtaken != null) {
            overtaken.overtaken();
        }
        return context;
    }

    /** @param session may be null */
    private static void close(FetchSession session) {
        var last = session == null ? null : session.partitions().close();
        if (last != null) {
            last.finish();
        }
    }

    /** Under the session's monitor. */
    private FetchContext next(FetchSession session, Collection<FetchTarget> asked, List<PartitionKey> forgotten) {
        session.partitions().change(asked, forgotten, session.privileged());
        if (session.size() == 0) {
            sessions.remove(session.id(), session);
            return new SessionlessFetch(WatchedPartitions.once(asked));
        }
        return new IncrementalFetch(session, session.advance(time.hiResClockMs()));
    }

    /** A new session's id, or {@link FetchMetadata#INVALID_SESSION_ID} if there is no room for it. */
    int create(WatchedPartitions partitions, boolean usesTopicIds, boolean privileged) {
        long nowMs = time.hiResClockMs();
        var displaced = Optional.<FetchSession>empty();
        int id;
        synchronized (this) {
            if (sessions.size() >= slots) {
                displaced = evictable(partitions.size(), privileged, nowMs);
                if (displaced.isEmpty() || !sessions.remove(displaced.get().id(), displaced.get())) {
                    return FetchMetadata.INVALID_SESSION_ID;
                }
            }
            do {
                id = random.nextInt(1, Integer.MAX_VALUE);
            } while (sessions.containsKey(id));
            sessions.put(id, new FetchSession(id, partitions, usesTopicIds, privileged, nowMs));
        }
        displaced.ifPresent(FetchSessions::close);
        return id;
    }

    /** Looks at all sessions: that is cheap beside the full fetch that it is done for. */
    private Optional<FetchSession> evictable(int newSize, boolean privileged, long nowMs) {
        FetchSession idlest = null;
        FetchSession least = null;
        for (var session : sessions.values()) {
            if (idlest == null || session.lastUsedMs() < idlest.lastUsedMs()) {
                idlest = session;
            }
            boolean old = nowMs - session.createdMs() > EVICTION_MS;
            boolean evictable = old || privileged && !session.privileged();
            if (evictable && (least == null || BY_VALUE.compare(session, least) < 0)) {
                least = session;
            }
        }
        if (idlest != null && nowMs - idlest.lastUsedMs() > EVICTION_MS) {
            return Optional.of(idlest);
        }
        return Optional.ofNullable(least).filter(session -> isWorthMore(newSize, privileged, session));
    }

    private static final Comparator<FetchSession> BY_VALUE =
            Comparator.comparing(FetchSession::privileged).thenComparingInt(FetchSession::size);

    private static boolean isWorthMore(int newSize, boolean privileged, FetchSession least) {
        return privileged == least.privileged() ? newSize > least.size() : privileged;
    }

    /** Of a partition that is named twice, the last request counts, at the place of the first. */
    private static LinkedHashMap<PartitionKey, FetchTarget> asked(
            FetchRequestData data, boolean usesTopicIds, Function<Uuid, String> topicName) {
        var asked = new LinkedHashMap<PartitionKey, FetchTarget>();
        for (var topic : data.topics()) {
            var topicId = usesTopicIds ? topic.topicId() : Uuid.ZERO_UUID;
            var name = usesTopicIds ? "" : topic.topic();
            var known = usesTopicIds ? topicName.apply(topicId) : name;
            for (var partition : topic.partitions()) {
                var target = new FetchTarget(
                        topicId,
                        name,
                        known == null ? "" : known,
                        partition.partition(),
                        partition.fetchOffset(),
                        partition.logStartOffset(),
                        partition.partitionMaxBytes(),
                        partition.currentLeaderEpoch(),
                        partition.lastFetchedEpoch());
                asked.put(target.key(), target);
            }
        }
        return asked;
    }

    private static List<PartitionKey> forgotten(FetchRequestData data, boolean usesTopicIds) {
        var forgotten = new ArrayList<PartitionKey>();
        for (var topic : data.forgottenTopicsData()) {
            var topicId = usesTopicIds ? topic.topicId() : Uuid.ZERO_UUID;
            var name = usesTopicIds ? "" : topic.topic();
            for (int partition : topic.partitions()) {
                forgotten.add(new PartitionKey(topicId, name, partition));
            }
        }
        return forgotten;
    }
}
