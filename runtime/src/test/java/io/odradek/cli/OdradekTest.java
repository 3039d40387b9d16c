package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.peer.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The command line itself, without a broker. */
class OdradekTest {
    private static CommandLine program() {
        return Cli.program(Terminal.system(), Cli.NO_START).commandLine();
    }

    static Stream<CommandLine> everyCommand() {
        return withDescendants(program());
    }

    private static Stream<CommandLine> withDescendants(CommandLine command) {
        return Stream.concat(
                Stream.of(command), command.getSubcommands().values().stream().flatMap(OdradekTest::withDescendants));
    }

    private static String[] path(CommandLine command) {
        var words = command.getCommandSpec().qualifiedName().split(" ");
        return Arrays.copyOfRange(words, 1, words.length);
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void explainsItselfWithExamplesOfItsOwn(CommandLine command) {
        for (var help : List.of("-h", "--help")) {
            var outcome = Cli.run(
                    Stream.concat(Arrays.stream(path(command)), Stream.of(help)).toArray(String[]::new));

            outcome.succeeds();
            assertTrue(outcome.out().contains("\nExamples:\n"), outcome.out());
            assertTrue(
                    outcome.out().contains("\n  odradek " + String.join(" ", path(command)))
                            || outcome.out().contains("| odradek " + String.join(" ", path(command))),
                    outcome.out());
        }
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void examplesAreCommandLinesThatParse(CommandLine command) {
        for (var line : command.getCommandSpec().usageMessage().footer()) {
            assertTrue(line.length() <= 80, "is broken on a narrow terminal: " + line);
            parse(line, "odradek");
        }
    }

    @Test
    void theUserGuidesExamplesAreCommandLinesThatParse() throws IOException {
        int examples = 0;
        for (var line : Files.readAllLines(Path.of("..", "docs", "user-guide.md"))) {
            examples += line.startsWith("$ ") ? parse(line.substring(2), "./odradek") : 0;
        }
        assertTrue(examples > 20, "only " + examples + " examples found");
    }

    /** Parses whatever runs our program in a line of shell; answers how often it does. */
    private static int parse(String shell, String name) {
        int found = 0;
        for (var part : shell.split("[|<]")) {
            var words = part.trim().split(" +");
            if (words[0].equals(name)) {
                program().parseArgs(Arrays.copyOfRange(words, 1, words.length));
                found++;
            }
        }
        return found;
    }

    @Test
    void knowsItsVersion() {
        var out = Cli.run("--version").succeeds().out();

        assertTrue(out.matches("odradek \\d+\\.\\d+\\.\\d+\\S* \\(Kafka protocol of 4\\.\\d+\\.\\d+\\)\n"), out);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|Missing required subcommand",
                "topic|Missing required subcommand",
                "topic creat|Unmatched argument",
                "topic create|Missing required parameter: 'TOPIC'",
                "topic create orders --partitions many|'many' is not",
                "topic alter orders|nothing to alter",
                "produce orders --acks 2|--acks is all, 1 or 0, not '2'",
                "produce orders --compression rar|expected one of",
                "consume orders --count 0|--count is at least 1",
                "consume orders --from yesterday|'yesterday' is none of",
                "consume orders --print size|expected one of",
                "config describe|Missing required argument",
                "config describe --topic a --broker 1|mutually exclusive",
                "topic list --timeout 0|--timeout is a number of seconds from 1",
            })
    void aWrongCommandLineIsStatusTwoWithAHint(String args, String message) {
        var outcome = Cli.run(args.isEmpty() ? new String[0] : args.split(" "));

        assertEquals(Odradek.USAGE, outcome.status(), outcome.err());
        assertEquals("", outcome.out());
        assertEquals(2, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("odradek: ") && outcome.err().contains(message), outcome.err());
        assertTrue(outcome.err().contains("--help'."), outcome.err());
    }

    @Test
    void startHandsOnWhatItWasGiven() {
        var files = new ArrayList<Optional<Path>>();
        var given = new LinkedHashMap<String, String>();
        StartAction start = (file, settings) -> {
            files.add(file);
            given.putAll(settings);
            return 7;
        };

        int status = Cli.runWith(
                        start,
                        InputStream.nullInputStream(),
                        "start",
                        "--config",
                        "server.properties",
                        "--set",
                        "log.dirs=/a,/b",
                        "--set",
                        "listeners=PLAINTEXT://:9092?a=b")
                .status();

        assertEquals(7, status);
        assertEquals(List.of(Optional.of(Path.of("server.properties"))), files);
        assertEquals(Map.of("log.dirs", "/a,/b", "listeners", "PLAINTEXT://:9092?a=b"), given);
    }

    @Test
    void aStartThatFailsIsOneLineAndAStackTraceOnlyIfAsked() {
        StartAction start = (file, settings) -> {
            throw new IllegalStateException("no space\nleft");
        };

        var plain = Cli.runWith(start, InputStream.nullInputStream(), "start");
        plain.fails("no space left");
        var verbose = Cli.runWith(start, InputStream.nullInputStream(), "start", "--verbose");
        assertEquals(1, verbose.status());
        assertTrue(verbose.err().contains("\tat "), verbose.err());
    }

    @Test
    void noBrokerFailsAtOnce() {
        int port = Ports.free();
        Cli.run("topic", "list", "-b", "localhost:" + port)
                .fails("cannot connect to localhost:" + port + ": Connection refused");
    }

    @Test
    void aServerThatDoesNotAnswerIsToldAfterTheTimeout() throws IOException {
        try (var silent = new ServerSocket(0)) {
            var outcome = Cli.run("topic", "list", "--timeout", "1", "-b", "localhost:" + silent.getLocalPort());

            assertEquals(1, outcome.status());
            assertEquals(1, outcome.err().lines().count(), outcome.err());
            assertTrue(
                    outcome.err().startsWith("odradek: no answer from localhost:" + silent.getLocalPort()),
                    outcome.err());
        }
    }

    @Test
    void anAddressThatIsNoneIsNamed() {
        var outcome = Cli.run("topic", "list", "-b", "localhost");
        assertEquals(1, outcome.status());
        assertTrue(outcome.err().startsWith("odradek: --bootstrap-server localhost: Invalid url"), outcome.err());
    }

    @Test
    void aCommandConfigThatIsMissingOrWrongIsNamed(@TempDir Path temp) throws IOException {
        Cli.run("topic", "list", "--command-config", temp.resolve("none").toString())
                .fails("file " + temp.resolve("none") + " does not exist");

        var wrong = Files.writeString(temp.resolve("client.properties"), "security.protocol=NONSENSE\n");
        try (var server = new ServerSocket(0)) {
            var outcome = Cli.run(
                    "topic", "list", "--command-config", wrong.toString(), "-b", "localhost:" + server.getLocalPort());
            assertEquals(1, outcome.status());
            assertTrue(outcome.err().contains("NONSENSE"), outcome.err());
            assertEquals(1, outcome.err().lines().count(), outcome.err());
        }
    }

    @Test
    void aReaderThatWentAwayIsNoFailure() {
        var closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        StartAction start = (file, settings) -> {
            throw new ClosedOutputException(new IOException("Broken pipe"));
        };
        var terminal = new Terminal(InputStream.nullInputStream(), closed, new PrintStream(closed));

        assertEquals(0, Cli.program(terminal, start).execute("start"));
    }

    @Test
    void noCommandClassIsABeanOfTheContainer() {
        // quarkus-picocli makes a bean of a command whose only constructor has parameters, and looks for them.
        everyCommand()
                .map(c -> c.getCommandSpec().userObject().getClass())
                .forEach(c -> assertFalse(
                        Arrays.stream(c.getDeclaredConstructors()).anyMatch(k -> k.getParameterCount() > 0),
                        c.getName()));
    }
}
