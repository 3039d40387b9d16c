package io.odradek.cli;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Standard output takes nothing more. */
final class ClosedOutputException extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    ClosedOutputException(IOException cause) {
        super(cause);
    }
}
