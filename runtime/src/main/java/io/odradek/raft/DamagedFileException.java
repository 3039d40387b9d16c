package io.odradek.raft;

/** A file of the Raft directory is not as it was written, or is missing; the message names it, and where. */
final class DamagedFileException extends RaftException {
    private static final long serialVersionUID = 1L;

    DamagedFileException(String message) {
        super(message);
    }

    /** For the one who starts the node: with half of the metadata it must not run. */
    RaftException refusingToStart(String directory) {
        return new RaftException(
                getMessage() + ": not starting. If a majority of the other voters is up, delete everything in "
                        + directory
                        + " and the node gets the metadata from them; otherwise restore that directory from a backup",
                this);
    }
}
