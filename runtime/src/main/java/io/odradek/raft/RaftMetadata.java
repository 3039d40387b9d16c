package io.odradek.raft;

import java.util.function.Consumer;

/** The cluster's metadata as a replicated state machine over jgroups-raft. */
public final class RaftMetadata implements AutoCloseable {
    private RaftMetadata() {}

    /**
     * Opens the log, restores the image and joins the group; returns once this node serves: for a group of one as the
     * leader, with every committed command applied.
     *
     * @param onFailure told once when the first write or fsync of the log failed: this node takes no further part in
     *     the group, every waiting proposal has failed; must not block
     * @throws RaftException in one clear line, when the directory is damaged, of another node, cluster or newer format
     */
    public static RaftMetadata start(RaftConfig config, Consumer<RaftException> onFailure) {
        throw new UnsupportedOperationException("being written");
    }

    public RaftStatus status() {
        throw new UnsupportedOperationException("being written");
    }

    @Override
    public void close() {}
}
