package io.odradek.nemesis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Disks of nodes: file systems in memory, which can be made so small that not one page more goes in. */
final class Disks {
    private static final long SIZE = 512L << 20;

    private final String prefix;

    Disks(String prefix) {
        this.prefix = prefix;
    }

    /** @throws IOException if the machine does not allow it */
    void mount(Path directory) throws IOException {
        Files.createDirectories(directory);
        Shell.run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, prefix, directory.toString());
    }

    /**
     * Leaves no more than some bytes free.
     *
     * @throws IOException also if the node writes faster than its disk can be made smaller
     */
    void fill(Path directory, long free) throws IOException {
        var store = Files.getFileStore(directory);
        for (int tries = 1; ; tries++) {
            try {
                resize(directory, store.getTotalSpace() - store.getUnallocatedSpace() + free);
                return;
            } catch (IOException e) {
                // More was written meanwhile than there was to be free.
                if (tries == 50) {
                    throw e;
                }
            }
        }
    }

    void free(Path directory) throws IOException {
        resize(directory, SIZE);
    }

    private static void resize(Path directory, long size) throws IOException {
        Shell.run("mount", "-o", "remount,size=" + size, directory.toString());
    }
}
