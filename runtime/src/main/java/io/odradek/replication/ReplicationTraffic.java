package io.odradek.replication;

import io.odradek.config.QuotaSettings;
import io.odradek.config.ReplicationRates;
import io.odradek.log.ByteQuota;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.utils.Time;

/**
 * What a broker sends to its followers and receives from its leaders, and how much of that it may for throttled replicas
 * (KIP-73). Thread-safe.
 */
public final class ReplicationTraffic {
    private final ByteQuota leader;
    private final ByteQuota follower;
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();

    /** Without limits at first. */
    public ReplicationTraffic(QuotaSettings.Window window, Time time) {
        this.leader = new ByteQuota(window, time);
        this.follower = new ByteQuota(window, time);
    }

    /** Of a broker that has no others beside it. */
    static ReplicationTraffic none() {
        return new ReplicationTraffic(new QuotaSettings.Window(1, 1), Time.SYSTEM);
    }

    public void limit(ReplicationRates rates) {
        leader.limit(rates.leader());
        follower.limit(rates.follower());
    }

    /** For throttled replicas that are led here. */
    ByteQuota leader() {
        return leader;
    }

    /** For throttled replicas that follow here. */
    ByteQuota follower() {
        return follower;
    }

    /**
     * Records go to a follower.
     *
     * @param throttledBytes of them, those of throttled replicas
     */
    public void sent(long bytes, long throttledBytes) {
        bytesOut.add(bytes);
        if (throttledBytes > 0) {
            leader.record(throttledBytes);
        }
    }

    /** Records of one partition came from its leader. */
    void received(long bytes, boolean throttled) {
        bytesIn.add(bytes);
        if (throttled) {
            follower.record(bytes);
        }
    }

    /** Bytes of records sent to followers. */
    public long bytesOut() {
        return bytesOut.sum();
    }

    /** Bytes of records received from leaders. */
    public long bytesIn() {
        return bytesIn.sum();
    }

    /** Bytes a second sent for throttled replicas. */
    public double throttledRateOut() {
        return leader.rate();
    }

    /** Bytes a second received for throttled replicas. */
    public double throttledRateIn() {
        return follower.rate();
    }
}
