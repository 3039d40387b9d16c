package io.odradek.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.log.LogDirectoryDescription;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class DirectoryReadingsTest {
    @Test
    void oneReadingServesAllThatIsAskedAtATime() {
        var now = new AtomicLong(7);
        var readings = new AtomicInteger();
        var directories = new DirectoryReadings(
                () -> {
                    var usable = readings.incrementAndGet();
                    return List.of(description("/a", usable), description("/b", usable));
                },
                now::get);
        for (var path : List.of("/a", "/b", "/a")) {
            assertEquals(1, directories.of(Path.of(path)).orElseThrow().usableBytes());
        }
        assertTrue(directories.of(Path.of("/c")).isEmpty());
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1001));
        assertEquals(2, directories.of(Path.of("/b")).orElseThrow().usableBytes());
        assertEquals(2, readings.get());
    }

    private static LogDirectoryDescription description(String path, long usableBytes) {
        return new LogDirectoryDescription(
                Path.of(path), Uuid.ONE_UUID, Optional.empty(), Map.of(), Map.of(), 100, usableBytes);
    }
}
