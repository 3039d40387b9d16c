package io.odradek.raft;

/** This node cannot take part in the Raft group, or no longer; the message is one line for the operator. */
public class RaftException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RaftException(String message) {
        super(message);
    }

    public RaftException(String message, Throwable cause) {
        super(message, cause);
    }
}
