package io.odradek.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jgroups.Message;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.util.DefaultThreadFactory;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Runner;
import org.jgroups.util.Util;

/**
 * jgroups-raft's RAFT, whose queue and thread all events go through, those of the election too: one thread decides everything in
 * one order, views, messages, votes, appends, time. Other threads only enqueue. With {@link #synchronous} there is neither thread
 * nor queue: the caller decides, and calls {@link #tick}.
 *
 * <p>An error in the middle of that stops the node ({@link FailStop}).
 */
abstract class QueuedRaft extends RAFT {
    private static final long STOP_TIMEOUT_MS = 5_000;
    /** Left in the queue for what must not be dropped. */
    private static final int RESERVE = 512;

    private final FailStop failStop;
    private final String threadName;
    private final LongSupplier clockMs;
    private final Executor background;

    /**
     * @param clockMs a time that only grows, in milliseconds
     * @param background a thread for what takes its time, one thing after the other; closed before this is stopped
     */
    QueuedRaft(FailStop failStop, String threadName, LongSupplier clockMs, Executor background) {
        this.failStop = failStop;
        this.threadName = threadName;
        this.clockMs = clockMs;
        this.background = background;
    }

    /** In turn: the proposals of a batch, which share an entry of the journal, its fsync, and a message. Maybe none. */
    abstract void propose(List<Proposal> proposals);

    /** In turn: what time brings. */
    abstract void elapse();

    /** In turn: what follows from whatever has happened. */
    abstract void settle();

    /** When {@link #elapse} wants to be called at the latest, by {@link #nowMs}. */
    abstract long dueMs();

    @Override
    public void init() throws Exception {
        if (synchronous) {
            processing_queue_max_size = 1; // not used
        }
        super.init();
        runner = new Runner(new DefaultThreadFactory(threadName, true), threadName, this::processQueue, null) {
            @Override
            public synchronized Runner start() {
                return synchronous ? this : super.start();
            }
        };
    }

    final long nowMs() {
        return clockMs.getAsLong();
    }

    /** @throws RaftException the node has stopped after an error */
    final void requireSound() {
        failStop.check();
    }

    /** Whether the caller decides: it is the one thread, or there is none. */
    final boolean inTurn() {
        return synchronous || runner == null || runner.getThread() == Thread.currentThread() || !runner.isRunning();
    }

    /** Runs a task in its turn; waits while the queue is full. Without a thread (any more) it is forgotten. */
    void post(Runnable task) {
        if (synchronous) {
            process(List.of(new Task(task)));
        } else if (runner != null && runner.isRunning()) {
            add(new Task(task));
        } else if (processing_queue != null) {
            offer(new Task(task));
        }
    }

    /** Runs what takes its time, in order, on another thread, which may {@link #post} what comes of it. */
    void inBackground(Runnable task) {
        background.execute(() -> {
            try {
                requireSound();
                task.run();
            } catch (RuntimeException | Error e) {
                if (!failStop.failed()) {
                    failStop.fail("Raft failed (" + FailStop.reason(e) + ")", e);
                }
            }
        });
    }

    /** What came over the network is dropped when the queue is full: it is sent again, and JGroups' thread must not wait. */
    void receive(Runnable task) {
        if (synchronous || processing_queue.remainingCapacity() > RESERVE) {
            post(task);
        }
    }

    @Override
    public Object up(Message message) {
        RaftHeader header = message.getHeader(id);
        if (header == null) {
            return up_prot.up(message);
        }
        receive(() -> handleUpRequest(message, header));
        return null;
    }

    @Override
    public void up(MessageBatch batch) {
        for (var messages = batch.iterator(); messages.hasNext(); ) {
            var message = messages.next();
            if (message.getHeader(id) != null) {
                messages.remove();
                up(message);
            }
        }
        if (!batch.isEmpty()) {
            up_prot.up(batch);
        }
    }

    /** Proposes it in its turn; fails at once where the queue is full. */
    void submit(Proposal proposal) {
        var proposed = new Proposed(proposal);
        if (synchronous) {
            process(List.of(proposed));
        } else {
            offer(proposed);
        }
    }

    @Override
    protected void processQueue() {
        try {
            long now = nowMs();
            long waitMs = Math.max(0, Math.min(dueMs() - now, resend_interval));
            var first = processing_queue.poll(waitMs, TimeUnit.MILLISECONDS);
            if (first != null) {
                remove_queue.clear();
                remove_queue.add(first);
                processing_queue.drainTo(remove_queue);
                process(remove_queue);
            }
            tick();
        } catch (InterruptedException e) {
            // It is being stopped: the runner sees to that.
        }
    }

    @Override
    protected void process(List<Request> requests) {
        var proposals = new ArrayList<Proposal>();
        for (var each : requests) {
            if (each instanceof Proposed proposed) {
                proposals.add(proposed.proposal);
            }
        }
        try {
            step(() -> {
                for (var each : requests) {
                    if (each instanceof Task task) {
                        task.body.run();
                    }
                }
                propose(proposals);
            });
        } catch (RuntimeException | Error e) {
            proposals.forEach(each -> each.future().completeExceptionally(e));
            throw e;
        } finally {
            for (var each : requests) {
                if (each instanceof Fence fence) {
                    fence.reached.countDown();
                }
            }
        }
    }

    /** Lets time pass. */
    void tick() {
        if (failStop.failed()) {
            return;
        }
        step(this::elapse);
    }

    /** jgroups-raft's thread would forget an exception and go on with half of what had to be done. */
    private void step(Runnable body) {
        try {
            requireSound();
            body.run();
            settle();
        } catch (RuntimeException | Error e) {
            if (!failStop.failed()) {
                throw failStop.fail("Raft failed (" + FailStop.reason(e) + ")", e);
            }
            throw e;
        }
    }

    /** Returns once everything that was enqueued before is done, but not after a time-out. */
    void awaitIdle() {
        if (synchronous || runner == null || !runner.isRunning() || failStop.failed()) {
            return;
        }
        var fence = new Fence();
        offer(fence);
        try {
            if (!fence.reached.await(STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                log.warn("%s is still busy after %d ms", threadName, STOP_TIMEOUT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        if (runner == null) { // never initialised
            Util.close(log_impl);
            return;
        }
        var thread = runner.getThread();
        awaitIdle(); // stopping interrupts the thread: it must not be in the middle of something then
        super.stop();
        if (thread != null) {
            Threads.join(thread, STOP_TIMEOUT_MS);
        }
    }

    private static final class Task extends Request {
        private final Runnable body;

        Task(Runnable body) {
            this.body = body;
        }
    }

    private static final class Proposed extends Request {
        private final Proposal proposal;

        Proposed(Proposal proposal) {
            this.proposal = proposal;
        }

        @Override
        protected void failed(Throwable cause) {
            proposal.future().completeExceptionally(cause);
        }
    }

    /** Reached once all requests before it are done. */
    private static final class Fence extends Request {
        private final CountDownLatch reached = new CountDownLatch(1);

        @Override
        protected void failed(Throwable cause) {
            reached.countDown();
        }
    }
}
