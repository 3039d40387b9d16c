package io.odradek.api.fetch;

import io.odradek.replication.Progressing;

/** A fetch that waits until there is more of its partitions. Called by any thread, with no lock held. */
public interface HeldFetch {
    /**
     * A partition has got on.
     *
     * @param where what was given to be watched
     */
    void onProgress(WatchedPartition watched, Progressing where);

    /** The client has sent another request in the same session. */
    void overtaken();

    /** The session is gone: takes what there is. */
    void finish();
}
