package io.odradek.raft;

import java.util.function.Consumer;

/**
 * The latch that the first failed write or fsync closes. After it nothing may be written, promised or answered: what the
 * kernel does with pages whose fsync failed is unknown, so a retry that succeeds proves nothing. Safe for any thread.
 */
final class FailStop {
    private final Consumer<RaftException> onFailure;
    private volatile RaftException failure;

    /** @param onFailure called once, on the thread that failed */
    FailStop(Consumer<RaftException> onFailure) {
        this.onFailure = onFailure;
    }

    boolean failed() {
        return failure != null;
    }

    /** Throws when the node has stopped taking part. */
    void check() {
        var first = failure;
        if (first != null) {
            throw new RaftException(first.getMessage(), first);
        }
    }

    /** Closes the latch; returns the exception to throw. */
    RaftException fail(String message, Throwable cause) {
        RaftException first;
        synchronized (this) {
            if (failure != null) {
                return new RaftException(failure.getMessage(), failure);
            }
            first = new RaftException(message + ": this node takes no further part in the metadata quorum", cause);
            failure = first;
        }
        onFailure.accept(first);
        return first;
    }

    static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
