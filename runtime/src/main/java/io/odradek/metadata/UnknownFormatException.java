package io.odradek.metadata;

/** Commands or a snapshot that this version cannot read. The node must stop: to skip them would be to diverge. */
public final class UnknownFormatException extends RuntimeException {
    public UnknownFormatException(String message) {
        super(message);
    }

    public UnknownFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
