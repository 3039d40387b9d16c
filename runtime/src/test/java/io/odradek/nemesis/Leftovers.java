package io.odradek.nemesis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names of what is made on the machine, from which a later run can tell what a killed one left behind: {@code odr}, the id of
 * the process that made it, {@code x}, a number. Nothing else is ever removed.
 */
final class Leftovers {
    private static final Pattern NAME = Pattern.compile("odr(\\d+)x\\d+\\b.*");
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Leftovers() {}

    /** A prefix that nobody else has; short, since names of links are at most 15 characters long. */
    static String prefix() {
        return "odr" + ProcessHandle.current().pid() + "x" + NUMBER.incrementAndGet();
    }

    /** Removes what processes made that are gone. */
    static void sweep() throws IOException {
        remove(Leftovers::isOrphan);
    }

    /** Removes all with this prefix. */
    static void remove(String prefix) throws IOException {
        remove(name -> name.equals(prefix) || name.startsWith(prefix + "-"));
    }

    private interface Names {
        boolean include(String name) throws IOException;
    }

    private static void remove(Names names) throws IOException {
        if (Files.isDirectory(Path.of("/run/netns"))) {
            for (var namespace : list("/run/netns")) {
                if (names.include(namespace)) {
                    for (var pid : Shell.run("ip", "netns", "pids", namespace).split("\\s+")) {
                        if (!pid.isBlank()) {
                            Shell.attempt("kill", "-9", pid);
                        }
                    }
                    Shell.attempt("ip", "netns", "del", namespace);
                }
            }
        }
        for (var link : list("/sys/class/net")) {
            if (names.include(link)) {
                Shell.attempt("ip", "link", "del", link);
            }
        }
        for (var mount : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            var fields = mount.split(" ");
            if (names.include(fields[0])) {
                Shell.attempt("umount", "-l", fields[1].replace("\\040", " "));
            }
        }
    }

    private static Iterable<String> list(String directory) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }

    private static boolean isOrphan(String name) throws IOException {
        var matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return false;
        }
        var program = Path.of("/proc", matcher.group(1), "comm");
        try {
            return !Files.readString(program).strip().equals("java");
        } catch (IOException gone) {
            return true;
        }
    }
}
