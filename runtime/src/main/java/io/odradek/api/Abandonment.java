package io.odradek.api;

/**
 * Of one request: told when the client has gone, so that nothing goes on waiting on its behalf and holding memory that is
 * counted as the request's. Thread-safe.
 */
public final class Abandonment {
    private Runnable action = () -> {};
    private boolean abandoned;

    /** The client will not see an answer any more. Idempotent. */
    public void abandon() {
        Runnable then;
        synchronized (this) {
            abandoned = true;
            then = action;
            action = () -> {};
        }
        then.run();
    }

    /**
     * Replaces what is done when the client goes; done at once if it has gone already.
     *
     * @param action ends the waiting soon; called on the connection's event loop
     */
    public void then(Runnable action) {
        synchronized (this) {
            if (!abandoned) {
                this.action = action;
                return;
            }
        }
        action.run();
    }
}
