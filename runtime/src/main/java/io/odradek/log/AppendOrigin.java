package io.odradek.log;

/** Who wrote a batch: decides which checks of producer state and record content apply. */
public enum AppendOrigin {
    /** A producer: everything is checked, sequences too. */
    CLIENT,
    /** A coordinator of this broker writing its internal topic or a transaction marker: control batches are allowed. */
    COORDINATOR,
    /** Copied from a leader, or read back from disk: the leader checked it, state simply follows. */
    REPLICATION
}
