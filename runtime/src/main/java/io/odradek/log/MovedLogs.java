package io.odradek.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * How a log that moves to another directory is named, as in Kafka {@code topic-partition.id-future}, and what a crash has
 * left of it. The log gives way as {@code topic-partition.id-delete}, with the id of its copy: a copy beside which that
 * exists is complete, and only its name is still to be changed.
 */
final class MovedLogs {
    static final String FUTURE_SUFFIX = "-future";
    static final Pattern FUTURE_NAME = Pattern.compile("(.+)-(\\d{1,9})\\.([0-9a-f]+)-future");

    private static final Logger LOG = Logger.getLogger(MovedLogs.class);
    /** The longest name that a file may have on common file systems. */
    private static final int MAX_NAME_LENGTH = 255;

    private MovedLogs() {}

    static String futureName(String log, UUID copy) {
        return log + "." + copy.toString().replace("-", "") + FUTURE_SUFFIX;
    }

    /** Whether a copy of the log could have a name. */
    static boolean canBeNamed(String log) {
        return futureName(log, new UUID(0, 0)).length() <= MAX_NAME_LENGTH;
    }

    /** What the log is called that has made room for a copy. */
    static String deletedName(Path copy) {
        var name = copy.getFileName().toString();
        return name.substring(0, name.length() - FUTURE_SUFFIX.length()) + LogDirectoryLoader.DELETE_SUFFIX;
    }

    /** What a copy is called that is not needed any more. */
    static String cancelledName(LogId id, UUID random) {
        return id.directoryName() + "." + random.toString().replace("-", "") + LogDirectoryLoader.DELETE_SUFFIX;
    }

    /** Completes moves that a crash has interrupted between the two renames. Before anything of the directories is used. */
    static void complete(List<LogDirectory> directories) {
        Set<String> deleted = new HashSet<>();
        var futures = new ArrayList<Future>();
        for (var directory : directories) {
            if (directory.isOnline()) {
                find(directory, deleted, futures);
            }
        }
        for (var future : futures) {
            if (deleted.contains(deletedName(future.path))) {
                promote(future);
            }
        }
    }

    private record Future(LogDirectory directory, Path path) {}

    private static void find(LogDirectory directory, Set<String> deleted, List<Future> futures) {
        try (var paths = Files.newDirectoryStream(directory.path(), Files::isDirectory)) {
            for (var path : paths) {
                var name = path.getFileName().toString();
                if (name.endsWith(LogDirectoryLoader.DELETE_SUFFIX)) {
                    deleted.add(name);
                } else if (FUTURE_NAME.matcher(name).matches()) {
                    futures.add(new Future(directory, path));
                }
            }
        } catch (IOException e) {
            // Loading it will say so.
            LOG.debugf("%s cannot be read: %s", directory, e);
        }
    }

    private static void promote(Future future) {
        var name = future.path.getFileName().toString();
        var log = future.path.resolveSibling(name.substring(0, name.lastIndexOf('.')));
        try {
            Files.move(future.path, log, StandardCopyOption.ATOMIC_MOVE);
            CheckpointFile.forceDirectory(future.directory.path());
            LOG.infof("%s had been moved here before the broker stopped", log);
        } catch (IOException e) {
            future.directory.fail("completing the move of " + log, e);
        }
    }
}
