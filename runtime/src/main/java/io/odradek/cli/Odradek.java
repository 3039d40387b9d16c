package io.odradek.cli;

/** The program: the server and the commands. */
public final class Odradek {
    private Odradek() {}

    /** Runs a command line and answers the exit status: 0 done, 1 failed, 2 wrong usage. */
    public static int run(StartAction start, String... args) {
        throw new UnsupportedOperationException("the commands land next");
    }
}
