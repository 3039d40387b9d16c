package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Kafka's small text files: a line with the version (0), a line with the number of entries, one line per entry. Replaced
 * as a whole by renaming.
 */
final class CheckpointFile {
    private static final int VERSION = 0;

    private CheckpointFile() {}

    /** The entries' lines, none if the file is missing or empty. A file that is not whole is an {@link IOException}. */
    static List<String> read(Path path) throws IOException {
        if (!Files.exists(path)) {
            return List.of();
        }
        var lines = Files.readAllLines(path);
        if (lines.isEmpty()) {
            return List.of();
        }
        try {
            if (Integer.parseInt(lines.get(0)) != VERSION) {
                throw new MalformedException(path + " has the unknown version " + lines.get(0));
            }
            if (lines.size() < 2 || Integer.parseInt(lines.get(1)) != lines.size() - 2) {
                throw new MalformedException(path + " does not have as many entries as it says");
            }
        } catch (NumberFormatException e) {
            throw new MalformedException(path + " has a malformed line: " + e.getMessage());
        }
        return lines.subList(2, lines.size());
    }

    static void write(Path path, List<String> entries) throws IOException {
        var text = new StringBuilder()
                .append(VERSION)
                .append('\n')
                .append(entries.size())
                .append('\n');
        entries.forEach(e -> text.append(e).append('\n'));
        replace(path, text.toString(), true);
    }

    /** Writes without forcing: for what recovery can rebuild. */
    static void writeUnforced(Path path, List<String> entries) throws IOException {
        var text = new StringBuilder()
                .append(VERSION)
                .append('\n')
                .append(entries.size())
                .append('\n');
        entries.forEach(e -> text.append(e).append('\n'));
        replace(path, text.toString(), false);
    }

    /**
     * Puts a new content in place of a file, all or nothing. With {@code force} what is under the name after a crash is
     * whole; whether it is the new or the old content is only sure once the directory is forced too.
     */
    static void replace(Path path, String content, boolean force) throws IOException {
        replace(path, ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)), force);
    }

    /** As {@link #replace(Path, String, boolean)} for what remains of {@code content}. */
    static void replace(Path path, ByteBuffer content, boolean force) throws IOException {
        var temporary = path.resolveSibling(path.getFileName() + SegmentFiles.TEMPORARY);
        try (var channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ChannelIo.write(channel, content, 0);
            if (force) {
                channel.force(true);
            }
        }
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Makes creations, renames and deletions in a directory durable. */
    static void forceDirectory(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The file is there but not what was written. */
    static final class MalformedException extends IOException {
        MalformedException(String message) {
            super(message);
        }
    }
}
