package io.odradek.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.network.RequestMemory.Reservation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RequestMemoryTest {
    /** For incomplete frames 100 of it. */
    private final RequestMemory memory = new RequestMemory(114);

    private final List<String> granted = new ArrayList<>();

    private boolean grow(Reservation reservation, int bytes, String name) {
        return reservation.grow(bytes, () -> granted.add(name));
    }

    @Test
    void grantsUpToTheLimitAndThenToTheFirstInLineBeyondIt() {
        var a = memory.reservation();
        var b = memory.reservation();
        var c = memory.reservation();
        var d = memory.reservation();
        assertTrue(grow(a, 60, "a"));
        assertTrue(grow(b, 60, "b"), "one may go beyond");
        assertFalse(grow(c, 50, "c"));
        assertFalse(grow(d, 1, "d"), "nobody overtakes");
        assertTrue(memory.isExhausted());
        a.release();
        assertEquals(List.of(), granted, "60 of b and 50 of c are too much");
        b.release();
        assertEquals(List.of("c", "d"), granted);
        assertFalse(memory.isExhausted());
        c.release();
        d.release();
        assertEquals(0, memory.usedBytes());
    }

    @Test
    void theOneBeyondTheLimitGrowsAtOnceSoThatItEnds() {
        var a = memory.reservation();
        var b = memory.reservation();
        var c = memory.reservation();
        assertTrue(grow(a, 90, "a"));
        assertTrue(grow(b, 20, "b"));
        assertFalse(grow(c, 20, "c"));
        assertTrue(grow(b, 500, "b"));
        assertFalse(grow(a, 500, "a"));
        b.release();
        assertEquals(List.of("c"), granted, "beyond the limit, since the line must move");
        c.release();
        assertEquals(List.of("c", "a"), granted);
        a.release();
        assertEquals(0, memory.usedBytes());
    }

    @Test
    void wholeFramesPassTheLineWithinTheLimit() {
        var a = memory.reservation();
        var b = memory.reservation();
        var whole = memory.reservation();
        var another = memory.reservation();
        assertTrue(grow(a, 100, "a"));
        assertTrue(grow(b, 1, "b"), "one may go beyond");
        assertFalse(grow(memory.reservation(), 10, "c"));
        assertTrue(whole.growForWholeFrame(13, () -> granted.add("whole")));
        assertFalse(another.growForWholeFrame(1, () -> granted.add("another")), "the limit is for all");
        assertEquals(114, memory.usedBytes());
    }

    @Test
    void whoLeavesTheLineLetsOthersForward() {
        var a = memory.reservation();
        var b = memory.reservation();
        var c = memory.reservation();
        var d = memory.reservation();
        grow(a, 50, "a");
        grow(b, 60, "b");
        assertFalse(grow(c, 90, "c"));
        assertFalse(grow(d, 40, "d"));
        b.release();
        assertEquals(List.of("c"), granted);
        c.release();
        assertEquals(List.of("c", "d"), granted);
        a.release();
        d.release();
        d.release();
        assertEquals(0, memory.usedBytes());
    }

    @Test
    void nothingIsLostUnderContention() throws InterruptedException {
        var shared = new RequestMemory(1000);
        var most = new AtomicLong();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 6; t++) {
            var random = new Random(t);
            var thread = new Thread(() -> {
                for (int i = 0; i < 2000; i++) {
                    var reservation = shared.reservation();
                    for (int pieces = 1 + random.nextInt(3); pieces > 0; pieces--) {
                        var done = new CountDownLatch(1);
                        if (!reservation.grow(1 + random.nextInt(300), done::countDown)) {
                            if (random.nextInt(10) == 0) {
                                break; // gives up while it waits
                            }
                            awaitUninterruptibly(done);
                        }
                        most.accumulateAndGet(shared.usedBytes(), Math::max);
                    }
                    reservation.release();
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (var thread : threads) {
            thread.join(30_000);
            assertFalse(thread.isAlive(), "a thread waits for ever");
        }
        assertEquals(0, shared.usedBytes());
        assertTrue(most.get() <= 1000 + 900, () -> "used " + most);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
