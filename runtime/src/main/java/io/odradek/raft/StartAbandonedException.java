package io.odradek.raft;

/** The node was told to end before there was a quorum: nothing has failed. */
public final class StartAbandonedException extends RaftException {
    private static final long serialVersionUID = 1L;

    StartAbandonedException() {
        super("told to end while waiting for the metadata quorum");
    }
}
