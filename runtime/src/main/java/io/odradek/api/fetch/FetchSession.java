package io.odradek.api.fetch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * The partitions that a client fetches again and again, and what it has last heard of each (KIP-227).
 *
 * <p>Guarded by its own monitor, except where said otherwise; a client that keeps to the protocol has one request at a
 * time in a session.
 */
final class FetchSession {
    private final int id;
    private final boolean usesTopicIds;
    private final boolean privileged;
    private final long createdMs;
    private final Map<PartitionKey, CachedPartition> partitions;
    private int epoch = FetchMetadata.nextEpoch(FetchMetadata.INITIAL_EPOCH);
    /** Read by the eviction without the monitor. */
    private volatile long lastUsedMs;

    private volatile int size;
    /** What to do when the next request comes. */
    private Runnable overtaken = () -> {};

    /** @param privileged whether it is a follower's; such sessions are not evicted for consumers' sake */
    FetchSession(
            int id,
            boolean usesTopicIds,
            boolean privileged,
            long nowMs,
            List<FetchTarget> targets,
            List<PartitionData> answers) {
        this.id = id;
        this.usesTopicIds = usesTopicIds;
        this.privileged = privileged;
        this.createdMs = nowMs;
        this.lastUsedMs = nowMs;
        this.partitions = new LinkedHashMap<>(targets.size() * 2);
        for (int i = 0; i < targets.size(); i++) {
            partitions.put(targets.get(i).key(), new CachedPartition(targets.get(i), answers.get(i)));
        }
        this.size = partitions.size();
    }

    int id() {
        return id;
    }

    boolean usesTopicIds() {
        return usesTopicIds;
    }

    /** Any thread. */
    boolean privileged() {
        return privileged;
    }

    /** Any thread. */
    long createdMs() {
        return createdMs;
    }

    /** Any thread. */
    long lastUsedMs() {
        return lastUsedMs;
    }

    /** Any thread. */
    int size() {
        return size;
    }

    int epoch() {
        return epoch;
    }

    /** Changes what is fetched as the request says. */
    void change(Iterable<FetchTarget> asked, Iterable<PartitionKey> forgotten) {
        for (var target : asked) {
            var cached = partitions.get(target.key());
            if (cached == null) {
                partitions.put(target.key(), new CachedPartition(target));
            } else {
                cached.target = target;
                if (privileged) {
                    cached.forgetAnswer();
                }
            }
        }
        for (var key : forgotten) {
            partitions.remove(key);
        }
        size = partitions.size();
    }

    void waits(Runnable whenOvertaken) {
        overtaken = whenOvertaken;
    }

    /** What has to be done, without the monitor, when a request is accepted. */
    Runnable overtaken() {
        var action = overtaken;
        overtaken = () -> {};
        return action;
    }

    /** Accepts a request: the next one has to come with the next epoch. */
    int advance(long nowMs) {
        lastUsedMs = nowMs;
        epoch = FetchMetadata.nextEpoch(epoch);
        return epoch;
    }

    List<FetchTarget> targets() {
        var targets = new ArrayList<FetchTarget>(partitions.size());
        for (var cached : partitions.values()) {
            targets.add(cached.target);
        }
        return targets;
    }

    /**
     * Remembers the answers and returns those with news. A partition that gave records goes to the end of the order, so
     * that one busy partition does not starve the others.
     */
    FetchResponseData update(List<FetchTarget> targets, List<PartitionData> answers) {
        var assembler = new FetchResponseAssembler();
        for (int i = 0; i < targets.size(); i++) {
            var target = targets.get(i);
            var answer = answers.get(i);
            var key = target.key();
            var cached = partitions.get(key);
            if (cached == null || !cached.isNews(answer)) {
                continue;
            }
            if (FetchResponse.recordsSize(answer) > 0) {
                partitions.remove(key);
                partitions.put(key, cached);
            }
            assembler.add(target, answer);
        }
        return assembler.response();
    }

    private static final class CachedPartition {
        private static final long UNKNOWN = -1;

        private FetchTarget target;
        private long highWatermark;
        private long logStartOffset;

        CachedPartition(FetchTarget target) {
            this.target = target;
            this.highWatermark = UNKNOWN;
            this.logStartOffset = UNKNOWN;
        }

        CachedPartition(FetchTarget target, PartitionData answer) {
            this.target = target;
            this.highWatermark = answer.highWatermark();
            this.logStartOffset = answer.logStartOffset();
        }

        /** A follower has another position or leader epoch: it may not have been able to use what it was told before. */
        void forgetAnswer() {
            highWatermark = UNKNOWN;
        }

        boolean isNews(PartitionData answer) {
            boolean failed = answer.errorCode() != Errors.NONE.code();
            boolean news = failed
                    || FetchResponse.recordsSize(answer) > 0
                    || highWatermark != answer.highWatermark()
                    || logStartOffset != answer.logStartOffset()
                    || FetchResponse.isPreferredReplica(answer)
                    || FetchResponse.isDivergingEpoch(answer);
            // After an error the partition is news again as soon as the error has gone.
            highWatermark = failed ? UNKNOWN : answer.highWatermark();
            logStartOffset = answer.logStartOffset();
            return news;
        }
    }
}
