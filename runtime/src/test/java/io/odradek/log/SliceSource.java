package io.odradek.log;

import java.io.IOException;
import java.nio.file.Path;

/** Slices of one file, and whether all of them were given back, for tests of those who send them. */
public final class SliceSource {
    private final LogFile file;

    public SliceSource(Path path) {
        this.file = new LogFiles(1, FileLayer.FILE_SYSTEM).file(path);
    }

    public LogSlice slice(long position, int sizeInBytes) {
        try {
            return new LogSlice(file, file.acquire(), position, sizeInBytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public boolean isReleased() {
        return file.closeIfUnused() || file.closeIfUnused();
    }
}
