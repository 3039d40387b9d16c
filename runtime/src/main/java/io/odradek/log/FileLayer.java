package io.odradek.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** What a log does to its files; a test hands in one that fails, or stops half-way. */
interface FileLayer {
    FileLayer FILE_SYSTEM = FileChannel::open;

    FileChannel open(Path path, OpenOption... options) throws IOException;

    default void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    default void deleteIfExists(Path path) throws IOException {
        Files.deleteIfExists(path);
    }
}
