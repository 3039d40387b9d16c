package io.odradek.replication;

/** Whether an append is as safe as its producer asked for. */
public enum Acknowledgement {
    PENDING,
    GIVEN,
    /** It is on all in-sync replicas, but they have become fewer than {@code min.insync.replicas} meanwhile. */
    NOT_ENOUGH_REPLICAS
}
