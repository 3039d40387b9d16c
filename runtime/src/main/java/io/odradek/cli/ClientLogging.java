package io.odradek.cli;

import java.io.PrintStream;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** The logging of a program that is only a client: one line on standard error for what the user should know. */
final class ClientLogging extends Handler {
    private final PrintStream err;
    private final SimpleFormatter formatter = new SimpleFormatter();

    private ClientLogging(PrintStream err) {
        this.err = err;
    }

    /**
     * Replaces the process's logging.
     *
     * @param level the least level that is shown
     */
    static void install(PrintStream err, Level level) {
        var root = Logger.getLogger("");
        for (var handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.setLevel(level);
        root.addHandler(new ClientLogging(err));
    }

    @Override
    public void publish(LogRecord record) {
        err.println(record.getLevel().getName().toLowerCase(java.util.Locale.ROOT) + ": "
                + formatter.formatMessage(record));
    }

    @Override
    public void flush() {
        err.flush();
    }

    @Override
    public void close() {}
}
