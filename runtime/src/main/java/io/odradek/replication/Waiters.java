package io.odradek.replication;

import io.odradek.log.LogId;
import org.jboss.logging.Logger;

/**
 * Who waits for a partition, as a linked list: coming and going takes constant time however many there are. Thread-safe.
 *
 * <p>Nobody is missed: a waiter subscribes and then looks at the partition; who changes the partition looks at {@link
 * #head}, which is volatile, afterwards.
 */
final class Waiters {
    private static final Logger LOG = Logger.getLogger(Waiters.class);

    /** Written under the monitor. */
    private volatile Node head;

    private int size;

    Subscription add(PartitionWaiter waiter) {
        var node = new Node(waiter);
        synchronized (this) {
            node.next = head;
            if (head != null) {
                head.previous = node;
            }
            head = node;
            size++;
        }
        return node;
    }

    /** @param partition for the log */
    void wake(LogId partition) {
        if (head == null) {
            return;
        }
        for (var waiter : snapshot()) {
            try {
                waiter.onProgress();
            } catch (RuntimeException e) {
                LOG.errorf(e, "What waits for %s failed", partition);
            }
        }
    }

    /** The callbacks take themselves off the list, and must not be made under the monitor. */
    private synchronized PartitionWaiter[] snapshot() {
        var waiters = new PartitionWaiter[size];
        int i = 0;
        for (var node = head; node != null; node = node.next) {
            waiters[i++] = node.waiter;
        }
        return waiters;
    }

    private final class Node implements Subscription {
        private final PartitionWaiter waiter;
        private Node previous;
        private Node next;
        private boolean closed;

        Node(PartitionWaiter waiter) {
            this.waiter = waiter;
        }

        @Override
        public void close() {
            synchronized (Waiters.this) {
                if (closed) {
                    return;
                }
                closed = true;
                size--;
                if (previous == null) {
                    head = next;
                } else {
                    previous.next = next;
                }
                if (next != null) {
                    next.previous = previous;
                }
            }
        }
    }
}
