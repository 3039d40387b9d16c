package io.odradek.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Kafka's {@code .kafka_cleanshutdown}: there as long as nobody uses a log directory that was closed properly, and says
 * with which broker epoch that was (KIP-966).
 */
final class CleanShutdownFile {
    /** The epoch of a broker that was not registered, or where a version before there were epochs in it wrote the file. */
    static final long NO_EPOCH = -1;

    private static final String NAME = ".kafka_cleanshutdown";
    private static final Pattern EPOCH = Pattern.compile("\"brokerEpoch\"\\s*:\\s*(-?[0-9]{1,18})\\b");

    private CleanShutdownFile() {}

    /** Can be asked once: from now on the directory is not clean. Empty if it was not. */
    static OptionalLong take(Path directory) throws IOException {
        var file = directory.resolve(NAME);
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
        Files.delete(file);
        CheckpointFile.forceDirectory(directory);
        var epoch = EPOCH.matcher(text);
        return OptionalLong.of(epoch.find() ? Long.parseLong(epoch.group(1)) : NO_EPOCH);
    }

    static void write(Path directory, long brokerEpoch) throws IOException {
        CheckpointFile.replace(directory.resolve(NAME), "{\"version\":0,\"brokerEpoch\":" + brokerEpoch + "}", true);
    }
}
