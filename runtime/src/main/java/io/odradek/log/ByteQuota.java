package io.odradek.log;

import io.odradek.config.QuotaSettings;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.stats.SimpleRate;
import org.apache.kafka.common.utils.Time;

/**
 * How many bytes a second something may take, measured as Apache Kafka measures its replication quotas (KIP-73): over the
 * samples of a sliding window. Nobody waits here: what is used is recorded afterwards, and who finds the quota exceeded does
 * without for a while. Thread-safe.
 */
public final class ByteQuota {
    private final Time time;
    private final MetricConfig window;
    private final SimpleRate rate = new SimpleRate();
    private volatile long limit = Long.MAX_VALUE;

    /** Without a limit at first. */
    public ByteQuota(QuotaSettings.Window window, Time time) {
        this.time = time;
        this.window = new MetricConfig().samples(window.samples()).timeWindow(window.sampleSeconds(), TimeUnit.SECONDS);
    }

    /** Without a limit, which nobody changes. */
    public static ByteQuota unlimited() {
        return new ByteQuota(new QuotaSettings.Window(1, 1), Time.SYSTEM);
    }

    public void limit(long bytesPerSecond) {
        limit = bytesPerSecond;
    }

    /** So many bytes were used, within the quota or not. */
    public synchronized void record(long bytes) {
        rate.record(window, bytes, time.hiResClockMs());
    }

    public boolean isExceeded() {
        return limit != Long.MAX_VALUE && rate() > limit;
    }

    /** Bytes a second over the window. */
    public synchronized double rate() {
        return rate.measure(window, time.hiResClockMs());
    }
}
