package io.odradek.network;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of all requests that are incomplete or not decided yet, over all connections. Who finds it used up
 * waits in a line, first come first served.
 *
 * <p>Frames take their memory piece by piece, so a crowd of incomplete ones could hold all of it and wait for each other
 * for ever. Hence one reservation at a time, the first in the line, may go beyond the limit until it is released. The
 * bound is the limit and one frame.
 *
 * <p>Incomplete frames leave a part of the memory to those that are already there as a whole, which pass the line: a crowd
 * that completes nothing does not keep small requests waiting.
 *
 * <p>Thread safe. The lock is taken only when somebody waits.
 */
final class RequestMemory {
    /** One part in so many is for complete frames alone. */
    private static final int PARTS = 8;

    private final long limitBytes;
    private final AtomicLong used = new AtomicLong();
    private final ArrayDeque<Reservation> line = new ArrayDeque<>();
    private volatile int waiting;
    private Reservation beyondLimit;

    RequestMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    long usedBytes() {
        return used.get();
    }

    /** Whether anybody waits. */
    boolean isExhausted() {
        return waiting > 0;
    }

    /** An empty reservation; see {@link Reservation#grow}. */
    Reservation reservation() {
        return new Reservation();
    }

    private boolean tryTake(long bytes, long most) {
        var now = used.get();
        while (now + bytes <= most) {
            if (used.compareAndSet(now, now + bytes)) {
                return true;
            }
            now = used.get();
        }
        return false;
    }

    private long limitOfIncomplete() {
        return limitBytes - limitBytes / PARTS;
    }

    private void give(long bytes) {
        used.addAndGet(-bytes);
        if (waiting > 0) {
            synchronized (this) {
                admit();
            }
        }
    }

    /** Under the lock: admits from the head of the line whoever may go now. */
    private void admit() {
        for (var head = line.peek(); head != null; head = line.peek()) {
            if (!tryTake(head.wanted, limitOfIncomplete())) {
                if (beyondLimit != null && beyondLimit != head) {
                    return;
                }
                beyondLimit = head;
                used.addAndGet(head.wanted);
            }
            line.remove();
            waiting--;
            head.admitted();
        }
    }

    /** One request's share. Used by one thread at a time. */
    final class Reservation {
        private long bytes;
        private long wanted;
        private Runnable whenGranted;
        /** Whether another thread may have written the fields above: from then on only under the lock. */
        private boolean waited;

        /**
         * Takes more memory, if need be later.
         *
         * @param whenGranted run, on any thread and under a lock, when the bytes became ours after they were refused;
         *     not run if the reservation is released before
         * @return whether the bytes are ours now; if not, nothing but {@link #release} may be called until they are
         */
        boolean grow(long more, Runnable whenGranted) {
            if (!waited && waiting == 0 && tryTake(more, limitOfIncomplete())) {
                bytes += more;
                return true;
            }
            waited = true;
            synchronized (RequestMemory.this) {
                // Announced before trying once more: who releases looks at the line after it gave its bytes back.
                waiting++;
                wanted = more;
                if (beyondLimit == this) {
                    line.addFirst(this);
                } else {
                    line.addLast(this);
                }
                admit();
                if (wanted == 0) {
                    return true;
                }
                this.whenGranted = whenGranted;
                return false;
            }
        }

        /**
         * As {@link #grow}, once, for a frame that came as a whole: it keeps its memory no longer than it takes to answer.
         */
        boolean growForWholeFrame(long all, Runnable whenGranted) {
            if (!waited && tryTake(all, limitBytes)) {
                bytes += all;
                return true;
            }
            return grow(all, whenGranted);
        }

        private void admitted() {
            bytes += wanted;
            wanted = 0;
            if (whenGranted != null) {
                whenGranted.run();
                whenGranted = null;
            }
        }

        long bytes() {
            return bytes;
        }

        /** Gives everything back and leaves the line. Idempotent. */
        void release() {
            if (waited) {
                releaseSlowly();
            } else if (bytes > 0) {
                var all = bytes;
                bytes = 0;
                give(all);
            }
        }

        private void releaseSlowly() {
            synchronized (RequestMemory.this) {
                if (wanted > 0) {
                    line.remove(this);
                    waiting--;
                    wanted = 0;
                    whenGranted = null;
                }
                if (beyondLimit == this) {
                    beyondLimit = null;
                }
                used.addAndGet(-bytes);
                bytes = 0;
                admit();
            }
        }
    }
}
