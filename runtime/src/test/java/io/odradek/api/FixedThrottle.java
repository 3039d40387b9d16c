package io.odradek.api;

import io.odradek.spi.QuotaEnforcer;

/** Holds everybody back for the same time who uses anything at all. */
record FixedThrottle(long throttleMs) implements QuotaEnforcer {
    @Override
    public String name() {
        return "fixed-throttle";
    }

    @Override
    public long record(Subject subject, Usage usage, long amount, long nowNanos) {
        return amount > 0 ? throttleMs : 0;
    }
}
