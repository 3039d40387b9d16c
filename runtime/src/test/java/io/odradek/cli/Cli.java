package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a command line in this process and keeps what it printed. */
public final class Cli {
    /** @param out as text; lines end with LF */
    public record Outcome(int status, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }

        public Outcome succeeds() {
            assertEquals(0, status, err);
            return this;
        }

        /** Failed with one line and nothing else on standard error. */
        public Outcome fails(String line) {
            assertEquals(Odradek.FAILED, status, out + err);
            assertEquals("odradek: " + line + "\n", err);
            return this;
        }
    }

    static final StartAction NO_START = (file, settings) -> {
        throw new AssertionError("a command started a server");
    };

    private Cli() {}

    public static Outcome run(String... args) {
        return runWith(NO_START, InputStream.nullInputStream(), args);
    }

    static Outcome runWithInput(String input, String... args) {
        return runWith(NO_START, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), args);
    }

    /** The process's logging belongs to the tests. */
    static Odradek program(Terminal terminal, StartAction start) {
        return new Odradek(terminal, start, level -> {});
    }

    static Outcome runWith(StartAction start, InputStream in, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = program(new Terminal(in, out, new PrintStream(err, true, StandardCharsets.UTF_8)), start)
                .execute(args);
        return new Outcome(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
