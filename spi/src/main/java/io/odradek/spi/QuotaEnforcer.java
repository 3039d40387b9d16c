package io.odradek.spi;

/**
 * Counts what clients use and says how long they have to be held back.
 *
 * <p>The broker reports usage after the fact and applies the answer as Kafka does (KIP-219): it answers the request at
 * once with the throttle time in it and reads nothing more from that connection until the time has passed.
 *
 * <p>Threading: called on the connections' event loops for every request, by many at once. It must not block and should
 * neither lock nor allocate in the common case.
 *
 * <p>Errors: an exception is logged as the plugin's failure and counts as no throttling.
 *
 * <p>Example, a token bucket per tenant for produced bytes:
 *
 * <pre>{@code
 * public long record(Subject subject, Usage usage, long amount, long nowNanos) {
 *     return usage == Usage.PRODUCE_BYTES ? bucket(subject.client().tenant()).take(amount, nowNanos) : 0;
 * }
 * }</pre>
 */
public interface QuotaEnforcer extends Plugin {
    /**
     * Adds to what the subject has used.
     *
     * @param amount how much, in the unit of {@code usage}; 0 asks without adding
     * @param nowNanos the broker's monotonic clock ({@link System#nanoTime()}); only differences mean something
     * @return how long the client is to be held back, in milliseconds; 0 for not at all
     */
    long record(Subject subject, Usage usage, long amount, long nowNanos);

    /** Never holds anyone back: what applies when no quota enforcer is configured. */
    static QuotaEnforcer unlimited() {
        return Unlimited.INSTANCE;
    }

    /**
     * Whose usage it is.
     *
     * @param clientId as in the request's header; empty if the client gave none
     */
    record Subject(Client client, String clientId) {}

    /** What is counted, and in which unit. */
    enum Usage {
        /** Bytes of Produce requests, as they came over the wire. */
        PRODUCE_BYTES,
        /** Bytes of records in Fetch responses. */
        FETCH_BYTES,
        /** Nanoseconds that threads spent on a request. */
        REQUEST_TIME_NANOS,
        /** Partitions created or deleted (KIP-599). */
        CONTROLLER_MUTATIONS
    }
}

final class Unlimited implements QuotaEnforcer {
    static final Unlimited INSTANCE = new Unlimited();

    private Unlimited() {}

    @Override
    public String name() {
        return "unlimited";
    }

    @Override
    public long record(Subject subject, Usage usage, long amount, long nowNanos) {
        return 0;
    }
}
