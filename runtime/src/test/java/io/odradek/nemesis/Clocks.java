package io.odradek.nemesis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Wall clocks of nodes that can be set while they run: libfaketime stands between a process and its clock and reads from a
 * file how far it is off. The monotonic clock, by which threads wait, goes on as always, as it does when an administrator or
 * NTP sets a machine's clock.
 */
final class Clocks {
    private final Path library;

    private Clocks(Path library) {
        this.library = library;
    }

    /** @return empty if there is no libfaketime on this machine */
    static Optional<Clocks> find() throws IOException {
        for (var directory : List.of("/usr/lib", "/usr/local/lib", "/usr/lib64")) {
            if (Files.isDirectory(Path.of(directory))) {
                try (Stream<Path> files =
                        Files.find(Path.of(directory), 3, (file, a) -> file.endsWith("libfaketimeMT.so.1"))) {
                    var library = files.findFirst();
                    if (library.isPresent()) {
                        return library.map(Clocks::new);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** What a process must be started with for its clock to be the one in this file. */
    Map<String, String> environment(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        set(file, Duration.ZERO);
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME_TIMESTAMP_FILE",
                file.toString(),
                "FAKETIME_CACHE_DURATION",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                // Else it gives back the difference of both clocks as time to wait, and the JVM's waits end at once.
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0");
    }

    /** Noticed by the process within a second. */
    void set(Path file, Duration offset) throws IOException {
        var next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, (offset.isNegative() ? "" : "+") + offset.toSeconds() + "\n");
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
