package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** What the broker and its network library log while this is open. */
final class LogWatch implements AutoCloseable {
    private final List<Logger> loggers =
            Stream.of("io.odradek", "io.netty").map(Logger::getLogger).toList();
    private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.INFO.intValue()) {
                records.add(record);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    LogWatch() {
        handler.setLevel(Level.ALL);
        loggers.forEach(logger -> logger.addHandler(handler));
    }

    int lines() {
        return records.size();
    }

    Stream<String> messages() {
        return records.stream().map(LogRecord::getMessage);
    }

    /** A stack trace is for a bug of the broker's, and there must be none. What is told here is not told again. */
    void assertNoStackTrace() {
        var faults = records.stream()
                .filter(r -> r.getThrown() != null || r.getLevel().intValue() > Level.WARNING.intValue())
                .toList();
        records.removeAll(faults);
        var thrown = faults.stream().map(LogWatch::text).distinct().limit(10).toList();
        assertEquals(List.of(), thrown);
    }

    private static String text(LogRecord record) {
        var text = new StringWriter();
        text.append(record.getLevel() + " ").append(record.getMessage());
        if (record.getThrown() != null) {
            text.append(": ");
            record.getThrown().printStackTrace(new PrintWriter(text));
        }
        return text.toString();
    }

    @Override
    public void close() {
        loggers.forEach(logger -> logger.removeHandler(handler));
    }
}
