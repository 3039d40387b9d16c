package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void speaksOnlyWhenItTakesLong() {
        var err = new ByteArrayOutputStream();
        var clock = new AtomicLong(42);
        var progress = new Progress(new PrintStream(err, true), clock::get);
        progress.count(500_000);
        clock.addAndGet(Progress.INTERVAL_NANOS - 1);
        progress.count(500_000);
        assertEquals("", err.toString());

        clock.addAndGet(1);
        progress.count(1_000_000);
        assertEquals("3 records, 2.0 MB, 2 records/s\n", err.toString());
        progress.count(1);
        assertEquals(4, progress.records());
        assertEquals(1, err.toString().lines().count());
    }
}
