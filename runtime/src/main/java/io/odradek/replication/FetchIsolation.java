package io.odradek.replication;

/** Up to where a partition may be read. */
public enum FetchIsolation {
    /** Followers: everything. */
    LOG_END,
    /** Consumers with {@code isolation.level=read_uncommitted}: what is on all in-sync replicas. */
    HIGH_WATERMARK,
    /** Consumers with {@code isolation.level=read_committed}: of that, what belongs to no open transaction. */
    TXN_COMMITTED
}
