package io.odradek.security;

import io.odradek.spi.QuotaEnforcer;
import io.odradek.spi.QuotaEnforcer.Subject;
import io.odradek.spi.QuotaEnforcer.Usage;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/** How long a client must be held back for what it uses. Thread-safe; never blocks. */
public final class Quotas {
    private static final Logger LOG = Logger.getLogger(Quotas.class);
    private static final Quotas UNLIMITED = new Quotas(QuotaEnforcer.unlimited(), () -> 0);

    private final QuotaEnforcer enforcer;
    private final LongSupplier nanoClock;
    private final boolean limits;

    /** @param nanoClock a monotonic clock in nanoseconds, such as {@link System#nanoTime()} */
    public Quotas(QuotaEnforcer enforcer, LongSupplier nanoClock) {
        this.enforcer = enforcer;
        this.nanoClock = nanoClock;
        this.limits = enforcer != QuotaEnforcer.unlimited();
    }

    public static Quotas unlimited() {
        return UNLIMITED;
    }

    /** The clock that quotas are counted by, in nanoseconds; only differences mean something. Free where nothing is limited. */
    public long nanos() {
        return limits ? nanoClock.getAsLong() : 0;
    }

    /**
     * Counts {@code amount}, in the unit of {@code usage}, against the quotas of this client.
     *
     * @return how many milliseconds the client has to wait before its next request; 0 if it is within its quotas, or if
     *     the plugin fails
     */
    public int record(ClientIdentity client, String clientId, Usage usage, long amount) {
        if (!limits) {
            return 0;
        }
        try {
            var subject = new Subject(client.toSpi(), clientId == null ? "" : clientId);
            long throttleMs = enforcer.record(subject, usage, amount, nanoClock.getAsLong());
            return (int) Math.max(0, Math.min(throttleMs, Integer.MAX_VALUE));
        } catch (RuntimeException e) {
            LOG.errorf("Quota enforcer %s failed, %s is not throttled: %s", enforcer.name(), client.principal(), e);
            return 0;
        }
    }
}
