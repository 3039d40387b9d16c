package io.odradek.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The program's command line: parses it, runs the command, makes an exit status of what happened. */
public final class Odradek {
    /** The operation failed; one line on standard error says why. */
    static final int FAILED = 1;
    /** The command line is wrong. */
    static final int USAGE = 2;

    private static final String LOG_MANAGER = "java.util.logging.manager";

    private final Root root;
    private final CommandLine commandLine;

    /** @param logging turns the process's logging down to a level; called by commands that are clients */
    Odradek(Terminal terminal, StartAction start, Consumer<Level> logging) {
        root = new Root().in(terminal, start, logging);
        commandLine = new CommandLine(root)
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Odradek::refuse)
                .setExecutionExceptionHandler(this::fail);
    }

    /**
     * Runs a command line.
     *
     * <p>Only {@code start} calls the action. Every other command is done when this returns: no thread that keeps the
     * program alive is left. Uses the process's standard streams and, for other commands than {@code start}, turns its
     * logging down to warnings on standard error.
     *
     * @return the exit status: 0 done, 1 the operation failed, 2 the command line is wrong
     */
    public static int run(StartAction start, String... args) {
        // Quarkus' launcher sets it too; whoever comes past it still gets the log manager that the libraries expect.
        if (System.getProperty(LOG_MANAGER) == null) {
            System.setProperty(LOG_MANAGER, "org.jboss.logmanager.LogManager");
        }
        var terminal = Terminal.system();
        if (args.length == 1 && args[0].equals("start")) {
            return startAtOnce(start, terminal);
        }
        return new Odradek(terminal, start, level -> ClientLogging.install(terminal.err(), level)).execute(args);
    }

    /** There is nothing to parse, and looking at the classes of all commands takes a sixth of the time a broker takes to start. */
    private static int startAtOnce(StartAction start, Terminal terminal) {
        try {
            return start.start(Optional.empty(), Map.of());
        } catch (Exception e) {
            new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8).println("odradek: " + Failures.oneLine(e));
            return FAILED;
        }
    }

    int execute(String... args) {
        int status = commandLine.execute(args);
        try {
            root.terminal().flush();
        } catch (UncheckedIOException e) {
            return fail(e, commandLine, null);
        }
        return status;
    }

    CommandLine commandLine() {
        return commandLine;
    }

    private static int refuse(ParameterException e, String[] args) {
        var command = e.getCommandLine();
        command.getErr().println("odradek: " + Failures.oneLine(e));
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return USAGE;
    }

    private int fail(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof ClosedOutputException) {
            // Whoever reads us had enough, as in "odradek consume orders | head": not a failure.
            return CommandLine.ExitCode.OK;
        }
        command.getErr().println("odradek: " + Failures.oneLine(e));
        if (root.verbose()) {
            e.printStackTrace(command.getErr());
        }
        return FAILED;
    }
}
