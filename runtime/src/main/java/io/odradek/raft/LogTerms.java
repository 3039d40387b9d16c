package io.odradek.raft;

/** What the rules need to know of a log. */
interface LogTerms {
    /** Everything up to here is the same in the log of every leader to come. */
    long commitIndex();

    long lastIndex();

    /** Of an entry from the commit index on; 0 for index 0. */
    long termAt(long index);
}
