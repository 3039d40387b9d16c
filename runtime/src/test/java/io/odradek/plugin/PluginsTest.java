package io.odradek.plugin;

import static io.odradek.plugin.PluginJar.answers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.spi.Authorizer;
import io.odradek.spi.Partitioner;
import io.odradek.spi.Partitioner.Partitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {
    @TempDir
    Path temp;

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(temp.resolve("plugins"));
    }

    private static int choice(Partitioner partitioner) {
        return partitioner
                .newSession("topic", new Random(1))
                .partition(Partitions.all(100), Optional.empty(), Optional.empty());
    }

    private String failure(String name, Map<String, String> settings) {
        try (var plugins = Plugins.in(folder)) {
            var message = assertThrows(PluginException.class, () -> plugins.load(Partitioner.class, name, settings))
                    .getMessage();
            assertFalse(message.contains("\n"), message);
            return message;
        }
    }

    @Test
    void findsTheBundledPartitioners() {
        try (var plugins = Plugins.onClassPath()) {
            assertEquals(List.of("murmur2", "rendezvous", "round-robin"), plugins.names(Partitioner.class));
            assertEquals(
                    "murmur2",
                    plugins.load(Partitioner.class, "murmur2", Map.of()).name());
        }
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        assertEquals(
                "no Partitioner is named 'murmur3'; known: murmur2, rendezvous, round-robin",
                failure("murmur3", Map.of()));
        try (var plugins = Plugins.onClassPath()) {
            var none = assertThrows(PluginException.class, () -> plugins.load(Authorizer.class, "opa", Map.of()));
            assertEquals("no Authorizer is named 'opa'; none is installed", none.getMessage());
        }
    }

    @Test
    void loadsFromJarsAndSubfoldersBesideTheBundledOnes() throws IOException {
        new PluginJar().partitioner("com.example.Seven", answers("seven", 7)).write(folder.resolve("seven.jar"));
        var eight = Files.createDirectory(folder.resolve("eight"));
        new PluginJar().partitioner("com.example.Eight", answers("eight", 8)).write(eight.resolve("eight.jar"));
        Files.writeString(folder.resolve("README.txt"), "not a plugin");

        try (var plugins = Plugins.in(folder)) {
            assertEquals(
                    List.of("eight", "murmur2", "rendezvous", "round-robin", "seven"),
                    plugins.names(Partitioner.class));
            assertEquals(7, choice(plugins.load(Partitioner.class, "seven", Map.of())));
            assertEquals(8, choice(plugins.load(Partitioner.class, "eight", Map.of())));
        }
    }

    @Test
    void eachPluginHasItsOwnVersionOfALibrary() throws IOException {
        for (int version = 1; version <= 2; version++) {
            new PluginJar()
                    .type("com.example.Library", "class Library { static final Integer VERSION = " + version + "; }")
                    .partitioner(
                            "com.example.Versioned",
                            answers("v" + version, version).replace("-> " + version, "-> Library.VERSION"))
                    .write(folder.resolve("v" + version + ".jar"));
        }
        try (var plugins = Plugins.in(folder)) {
            assertEquals(1, choice(plugins.load(Partitioner.class, "v1", Map.of())));
            assertEquals(2, choice(plugins.load(Partitioner.class, "v2", Map.of())));
        }
    }

    @Test
    void aPluginsOwnClassesWinOverTheBrokers() throws IOException {
        new PluginJar()
                .type("org.jboss.logging.Logger", "public class Logger { public static final Integer VALUE = 42; }")
                .partitioner("com.example.Own", answers("own", 0).replace("-> 0", "-> org.jboss.logging.Logger.VALUE"))
                .write(folder.resolve("own.jar"));
        try (var plugins = Plugins.in(folder)) {
            assertEquals(42, choice(plugins.load(Partitioner.class, "own", Map.of())));
        }
    }

    @Test
    void settingsReachThePluginAndItIsClosedOnce() throws IOException {
        new PluginJar()
                .partitioner("com.example.Noted", answers("noted", 1) + """
                        public void configure(java.util.Map<String, String> settings) {
                            System.setProperty("odradek.test.noted", settings.toString());
                        }
                        public void close() {
                            System.setProperty(
                                    "odradek.test.noted", System.getProperty("odradek.test.noted") + " closed");
                        }
                        """)
                .write(folder.resolve("noted.jar"));
        try (var plugins = Plugins.in(folder)) {
            plugins.load(Partitioner.class, "noted", Map.of("colour", "blue"));
            assertEquals("{colour=blue}", System.getProperty("odradek.test.noted"));
        }
        assertEquals("{colour=blue} closed", System.clearProperty("odradek.test.noted"));
    }

    @Test
    void aProviderThatDoesNotExistIsNamed() throws IOException {
        new PluginJar().service("com.example.Missing").write(folder.resolve("bad.jar"));

        var message = failure("murmur2", Map.of());
        assertTrue(message.contains("com.example.Missing") && message.contains("bad.jar"), message);
    }

    @Test
    void aProviderThatIsNoPartitionerIsNamed() throws IOException {
        new PluginJar()
                .type("com.example.Stranger", "public class Stranger {}")
                .service("com.example.Stranger")
                .write(folder.resolve("bad.jar"));

        assertTrue(failure("murmur2", Map.of()).contains("com.example.Stranger"));
    }

    @Test
    void aConstructorThatThrowsIsNamedWithItsReason() throws IOException {
        new PluginJar()
                .partitioner(
                        "com.example.Thrower",
                        answers("thrower", 0) + "public Thrower() { throw new IllegalStateException(\"no licence\"); }")
                .write(folder.resolve("bad.jar"));

        var message = failure("murmur2", Map.of());
        assertTrue(message.contains("com.example.Thrower") && message.contains("no licence"), message);
    }

    @Test
    void aPluginWithoutANameIsNamedByItsClass() throws IOException {
        new PluginJar().partitioner("com.example.Nameless", answers(" ", 0)).write(folder.resolve("bad.jar"));

        assertEquals(
                "Partitioner com.example.Nameless of " + folder.resolve("bad.jar") + " has no name",
                failure("murmur2", Map.of()));
    }

    @Test
    void twoPluginsOfOneNameAreRefused() throws IOException {
        new PluginJar().partitioner("com.example.Second", answers("murmur2", 0)).write(folder.resolve("second.jar"));

        assertEquals(
                "two plugins of type Partitioner are named 'murmur2': io.odradek.plugins.Murmur2Partitioner and "
                        + "com.example.Second of " + folder.resolve("second.jar"),
                failure("murmur2", Map.of()));
    }

    @Test
    void aConfigurationThatIsRefusedIsToldInOneLine() throws IOException {
        assertEquals(
                "Partitioner 'murmur2' (io.odradek.plugins.Murmur2Partitioner) refuses its configuration: "
                        + "sticky.bytes is at least 1, not 0",
                failure("murmur2", Map.of("sticky.bytes", "0")));

        new PluginJar()
                .partitioner("com.example.Wordy", answers("wordy", 0) + """
                        public void configure(java.util.Map<String, String> settings) {
                            throw new IllegalArgumentException("first line\\n  second line");
                        }
                        """)
                .write(folder.resolve("wordy.jar"));
        assertEquals(
                "Partitioner 'wordy' (com.example.Wordy) refuses its configuration: first line second line",
                failure("wordy", Map.of()));
    }

    @Test
    void aFolderThatDoesNotExistIsNamed() {
        var missing = temp.resolve("nowhere");
        var failure = assertThrows(PluginException.class, () -> Plugins.in(missing));
        assertEquals("plugins folder " + missing + " cannot be read: " + missing, failure.getMessage());
    }

    @Test
    void aBrokenJarIsNamed() throws IOException {
        Files.writeString(folder.resolve("broken.jar"), "this is not a zip file");

        var failure = assertThrows(PluginException.class, () -> Plugins.in(folder));
        assertTrue(failure.getMessage().startsWith("plugin " + folder.resolve("broken.jar") + " is not a jar"));
    }
}
