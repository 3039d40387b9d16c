package io.odradek.api.fetch;

import io.odradek.replication.PartitionWaiter;
import io.odradek.replication.Progressing;
import io.odradek.replication.Subscription;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * A partition of {@link WatchedPartitions}: what is asked of it, what was told of it last, and whether anything has
 * happened to it since. The fields are guarded by the monitor of those.
 */
public final class WatchedPartition implements PartitionWaiter {
    /** What {@link #look} says of a partition that will not be noticed to get on. */
    static final long UNWATCHED = -1;

    private static final long UNKNOWN = -1;

    private final WatchedPartitions all;
    private FetchTarget target;
    /** As told last. */
    private long highWatermark = UNKNOWN;

    private long logStartOffset = UNKNOWN;
    /** What is subscribed to; both null if nothing is. */
    private Progressing partition;

    private Subscription subscription;
    /** How often anything has happened, as far as was noticed. */
    private long changes;
    /** Whether it gave records last time: then it is not worth while to watch it before it has none. */
    private boolean busy;

    boolean quiet;

    WatchedPartition(WatchedPartitions all, FetchTarget target) {
        this.all = all;
        this.target = target;
    }

    FetchTarget target() {
        synchronized (all) {
            return target;
        }
    }

    /** Under the monitor: another position or leader epoch. */
    void ask(FetchTarget next) {
        target = next;
        changes++;
    }

    /** Under the monitor: the client may not have been able to use what it was told before. */
    void forgetAnswer() {
        highWatermark = UNKNOWN;
    }

    /**
     * It is about to be read.
     *
     * @param where what is read
     * @return to be told with what is read: from then on, progress will be noticed
     */
    public long look(Progressing where) {
        synchronized (all) {
            return all.lasts() && !busy ? watch(where) : partition == where ? changes : UNWATCHED;
        }
    }

    /** It is waited for. */
    long watch(Progressing where) {
        synchronized (all) {
            if (all.isClosed()) {
                return UNWATCHED;
            }
            if (partition != where) {
                unwatch();
                subscription = where.subscribe(this);
                partition = where;
                // What happened until now may not have been noticed.
                changes++;
            }
            return changes;
        }
    }

    /** Under the monitor. */
    void unwatch() {
        if (subscription != null) {
            subscription.close();
        }
        subscription = null;
        partition = null;
    }

    @Override
    public void onProgress() {
        Progressing where;
        HeldFetch waiting;
        boolean wasQuiet;
        long offset;
        synchronized (all) {
            changes++;
            where = partition;
            offset = target.fetchOffset();
            wasQuiet = quiet;
            all.stir(this);
            waiting = all.waiting();
            if (waiting == null) {
                // It will be looked at with the next fetch anyway. There may never be one.
                unwatch();
            }
        }
        if (where == null) {
            return;
        }
        if (wasQuiet) {
            all.follower().ifPresent(follower -> where.wasCaughtUp(follower, offset, all.askedMs()));
        }
        if (waiting != null) {
            waiting.onProgress(this, where);
        }
    }

    /** Under the monitor: the client is told. Returns whether it need be. */
    boolean tell(FetchedPartition fetched) {
        var answer = fetched.answer();
        boolean failed = answer.errorCode() != Errors.NONE.code();
        boolean gaveRecords = FetchResponse.recordsSize(answer) > 0;
        boolean news = gaveRecords || isNews(answer, failed);
        // After an error the partition is news again as soon as the error has gone.
        highWatermark = failed ? UNKNOWN : answer.highWatermark();
        logStartOffset = answer.logStartOffset();
        busy = gaveRecords;
        if (gaveRecords) {
            unwatch();
        }
        return news;
    }

    private boolean isNews(PartitionData answer, boolean failed) {
        return failed
                || highWatermark != answer.highWatermark()
                || logStartOffset != answer.logStartOffset()
                || FetchResponse.isPreferredReplica(answer)
                || FetchResponse.isDivergingEpoch(answer);
    }

    /** Under the monitor: whether nothing has happened since it was read. */
    boolean isAsRead(FetchedPartition fetched) {
        return partition != null && changes == fetched.seen();
    }
}
