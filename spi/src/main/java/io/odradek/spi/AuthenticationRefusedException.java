package io.odradek.spi;

/** The credentials do not hold. The message goes to the client, so it says nothing that helps to guess. */
public final class AuthenticationRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AuthenticationRefusedException(String message) {
        // A refusal is a decision, not a fault: no stack trace is taken.
        super(message, null, false, false);
    }
}
