package io.odradek.security;

/** Text that a client chose, made fit for the log: it must neither make lines of its own nor fill the disk. */
public final class ClientText {
    private static final int MAX_CHARS = 500;

    private ClientText() {}

    /** @param text null is "null" */
    public static String oneLine(Object text) {
        var line = String.valueOf(text).replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MAX_CHARS ? line : line.substring(0, MAX_CHARS) + "…";
    }
}
