package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process on real files, killed with SIGKILL at random moments. */
class RaftMetadataKillTest {
    private static final int ROUNDS = 20;

    @TempDir
    Path directory;

    @Test
    void everyAcknowledgedCommandIsThereOnce() throws Exception {
        var random = new Random(3);
        Set<String> known = new LinkedHashSet<>();
        Set<String> acknowledged = Set.of();
        Set<String> attempted = Set.of();
        int total = 0;
        for (int round = 0; round < ROUNDS; round++) {
            var output = runAndKill(round, 1 + random.nextInt(400));
            var image = output.get(0).split(" ");
            assertEquals("image", image[0], () -> String.join("\n", output));
            var found = new LinkedHashSet<>(Arrays.asList(image).subList(2, image.length));
            assertEquals(image.length - 2, found.size(), "twice");
            assertTrue(found.containsAll(known), "round " + round);
            assertTrue(found.containsAll(acknowledged), "round " + round + " lost " + minus(acknowledged, found));
            var added = minus(found, known);
            assertTrue(attempted.containsAll(added), "round " + round + " invented " + minus(added, attempted));
            // Two commands besides the topics; every topic took one, an applied one is not applied again.
            long commands = Long.parseLong(image[1]);
            assertTrue(round == 0 || commands == found.size() + 2 || found.isEmpty(), image[1] + " commands");
            known = found;
            acknowledged = names(output.subList(0, output.size() - 1), "ack "); // the last line may have been cut
            attempted = names(output, "try ");
            total += acknowledged.size();
        }
        assertTrue(total > ROUNDS, total + " acknowledged");
    }

    private static Set<String> minus(Set<String> all, Set<String> others) {
        var rest = new LinkedHashSet<>(all);
        rest.removeAll(others);
        return rest;
    }

    private static Set<String> names(List<String> output, String prefix) {
        var names = new LinkedHashSet<String>();
        for (var line : output) {
            if (line.startsWith(prefix)) {
                names.add(line.substring(prefix.length()));
            }
        }
        return names;
    }

    /** Kills the process once it has printed so many lines; whatever it had printed by then is known. */
    private List<String> runAndKill(int round, int lines) throws IOException, InterruptedException {
        var errors = directory.resolve("errors");
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MetadataProcess.class.getName(),
                        directory.resolve("raft").toString())
                .redirectError(errors.toFile())
                .start();
        var output = new ArrayList<String>();
        try (var reader = process.inputReader()) {
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                output.add(line);
                if (output.size() == lines) {
                    process.toHandle().destroyForcibly(); // unlike the process's own, leaves the output readable
                }
            }
        } catch (IOException e) {
            // its end
        } finally {
            process.destroyForcibly();
        }
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertTrue(output.size() >= lines, () -> "round " + round + " ended by itself: " + output + read(errors));
        return output;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
