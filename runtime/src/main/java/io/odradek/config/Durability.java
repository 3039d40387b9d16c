package io.odradek.config;

/** When an append counts as done: the values of the topic config {@code odradek.durability}. */
public enum Durability {
    /** Once it is in the operating system's page cache, as in Apache Kafka. */
    PAGE_CACHE("page-cache"),
    /** Once an fsync, shared with all other waiting appends, has returned. */
    FSYNC("fsync");

    private final String value;

    Durability(String value) {
        this.value = value;
    }

    /** How it is written in a config. */
    public String value() {
        return value;
    }

    /** @throws IllegalArgumentException for any other text than {@link #value()} of one of them */
    public static Durability of(String value) {
        for (var durability : values()) {
            if (durability.value.equals(value)) {
                return durability;
            }
        }
        throw new IllegalArgumentException("unknown durability " + value);
    }
}
