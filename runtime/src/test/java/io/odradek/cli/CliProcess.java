package io.odradek.cli;

/** The commands as a program, for tests that need a process. */
final class CliProcess {
    private CliProcess() {}

    public static void main(String[] args) {
        System.exit(Odradek.run(Cli.NO_START, args));
    }
}
