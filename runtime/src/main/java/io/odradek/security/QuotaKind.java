package io.odradek.security;

/** What a quota counts, and in which unit. */
public enum QuotaKind {
    /** Bytes of record batches received in Produce requests. */
    PRODUCE,
    /** Bytes of record batches sent in Fetch responses to consumers. */
    FETCH,
    /** Nanoseconds of handler time. */
    REQUEST,
    /** Partitions created or deleted. */
    CONTROLLER_MUTATION
}
