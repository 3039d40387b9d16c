package io.odradek.security;

/** How long a client must be held back for what it uses. Thread-safe; never blocks. */
public final class Quotas {
    private static final Quotas UNLIMITED = new Quotas();

    public static Quotas unlimited() {
        return UNLIMITED;
    }

    /**
     * Counts {@code amount}, in the unit of {@code kind}, against the quotas of this client.
     *
     * @return how many milliseconds the client has to wait before its next request; 0 if it is within its quotas
     */
    public int record(ClientIdentity client, String clientId, QuotaKind kind, double amount) {
        return 0;
    }
}
