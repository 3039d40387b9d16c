package io.odradek.replication;

import io.odradek.log.EpochEndOffset;
import io.odradek.log.LogId;
import io.odradek.log.ReplicaLog;
import java.util.Optional;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchResponse;
import org.jboss.logging.Logger;

/**
 * A replica whose leader is another broker, or nobody at the moment, in one leader epoch, as a state machine: makes its
 * log equal to the leader's. A new epoch makes a new object; the old one {@linkplain #resign resigns} and touches the log
 * no more.
 *
 * <p>It says with each fetch of which epoch its last record is. Where the leader answers that its own log has branched off
 * before (KIP-101, KIP-279, KIP-595), it cuts off what is not the leader's; only then are records appended, and only then
 * is anything known to be committed. The monitor guards everything that changes the log.
 */
non-sealed class FollowedPartition implements HostedPartition {
    private static final Logger LOG = Logger.getLogger(FollowedPartition.class);

    private static final long UNKNOWN_OFFSET = -1;

    private final ReplicaLog log;
    private final int leader;
    private final int leaderEpoch;
    /** Written under the monitor. */
    private volatile boolean resigned;
    /** As the leader told last. Written under the monitor. */
    private volatile long leaderHighWatermark = UNKNOWN_OFFSET;

    /** @param leader {@link io.odradek.metadata.PartitionImage#NO_LEADER} if there is none */
    FollowedPartition(ReplicaLog log, int leader, int leaderEpoch) {
        this.log = log;
        this.leader = leader;
        this.leaderEpoch = leaderEpoch;
    }

    final LogId id() {
        return log.id();
    }

    final ReplicaLog log() {
        return log;
    }

    final int leader() {
        return leader;
    }

    final int leaderEpoch() {
        return leaderEpoch;
    }

    /** Changes the log no more; a change that is under way is done when this returns. */
    final synchronized void resign() {
        resigned = true;
    }

    final boolean isResigned() {
        return resigned;
    }

    /** How many committed records are missing here, as far as the leader has told; 0 if it has not. Any thread. */
    final long lag() {
        long told = leaderHighWatermark;
        return told == UNKNOWN_OFFSET ? 0 : Math.max(0, told - log.logEndOffset());
    }

    /** Whether what is fetched counts against the quota of throttled replication (KIP-73). */
    final boolean isThrottled(int brokerId) {
        return log.config().followerThrottledReplicas().contains(id().partition(), brokerId);
    }

    /** Whether it does not keep up with the leader, or is not known to. */
    final boolean isBehind() {
        return leaderHighWatermark == UNKNOWN_OFFSET || lag() > 0;
    }

    /** Wakes those who read here, after an answer or a resignation. Not to be called with a lock held. */
    void wake() {}

    /**
     * Whether what is in the log is durable in the way the topic asks for. A fetch tells the leader that everything below
     * its offset is safe here.
     */
    final synchronized boolean isDurable() {
        return resigned || log.durableEndOffset() >= log.logEndOffset();
    }

    /** Where to fetch; nowhere after a resignation. */
    synchronized Optional<FetchPosition> position() {
        return resigned
                ? Optional.empty()
                : Optional.of(new FetchPosition(log.logEndOffset(), log.latestEpoch(), log.logStartOffset()));
    }

    /**
     * The leader's answer to a fetch.
     *
     * @param asked the offset that was asked for; an answer for another one than where the log ends by now is ignored
     */
    synchronized FollowOutcome answered(long asked, PartitionData answer) {
        if (resigned) {
            return FollowOutcome.STOP;
        }
        try {
            return asked != log.logEndOffset() ? FollowOutcome.GO_ON : heed(answer);
        } catch (KafkaStorageException e) {
            LOG.errorf("Partition %s cannot be replicated any more: %s", id(), e.getMessage());
            return FollowOutcome.STOP;
        } catch (ApiException e) {
            LOG.warnf("What broker %d sent for %s at %d cannot be used: %s", leader, id(), asked, e.getMessage());
            return FollowOutcome.BACK_OFF;
        } catch (RuntimeException e) {
            LOG.errorf(e, "What broker %d sent for %s at %d could not be taken", leader, id(), asked);
            return FollowOutcome.BACK_OFF;
        }
    }

    private FollowOutcome heed(PartitionData answer) {
        var error = Errors.forCode(answer.errorCode());
        if (error == Errors.OFFSET_OUT_OF_RANGE) {
            return startAnew(answer.logStartOffset());
        }
        if (error != Errors.NONE) {
            LOG.debugf("Broker %d does not give %s: %s", leader, id(), error);
            return FollowOutcome.BACK_OFF;
        }
        var diverging = FetchResponse.divergingEpoch(answer);
        if (diverging.isPresent()) {
            truncate(new EpochEndOffset(diverging.get().epoch(), diverging.get().endOffset()));
            return FollowOutcome.GO_ON;
        }
        if (FetchResponse.recordsSize(answer) > 0) {
            log.appendAsFollower((MemoryRecords) answer.records());
        }
        committed(answer.highWatermark(), answer.logStartOffset());
        return FollowOutcome.GO_ON;
    }

    private void committed(long leaderHighWatermark, long leaderStart) {
        this.leaderHighWatermark = leaderHighWatermark;
        long highWatermark = Math.min(leaderHighWatermark, log.logEndOffset());
        if (highWatermark > log.highWatermark()) {
            log.updateHighWatermark(highWatermark);
        }
        long start = Math.min(leaderStart, log.highWatermark());
        if (start > log.logStartOffset()) {
            log.deleteRecordsBefore(start);
        }
    }

    /**
     * Cuts off what is not the leader's. If the leader's epoch is unknown here, what is left may have branched off even
     * earlier; then the leader says so again.
     *
     * @param leaderEnd the latest epoch there that is not later than the last one here, and where it ends
     */
    void truncate(EpochEndOffset leaderEnd) {
        var own = log.endOffsetForEpoch(leaderEnd.leaderEpoch());
        long end = Math.min(log.logEndOffset(), leaderEnd.endOffset());
        long target = own.isDefined() ? Math.min(own.endOffset(), end) : end;
        if (target < log.highWatermark()) {
            LOG.warnf(
                    "%s is truncated to %d, below its high watermark %d: an unclean leader does not have what was committed",
                    id(), target, log.highWatermark());
        }
        log.truncateTo(target);
    }

    /** The leader does not have the next record any more, or nothing is left here that could tell where to go on. */
    private FollowOutcome startAnew(long leaderStart) {
        long end = log.logEndOffset();
        if (leaderStart > end || leaderStart >= 0 && end == log.logStartOffset()) {
            LOG.infof("%s starts anew at the log start offset %d of its leader %d", id(), leaderStart, leader);
            log.truncateFullyAndStartAt(leaderStart);
            return FollowOutcome.GO_ON;
        }
        return FollowOutcome.BACK_OFF;
    }
}
