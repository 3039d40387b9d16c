package io.odradek.raft;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.DefaultThreadFactory;
import org.jgroups.util.Runner;
import org.jgroups.util.Util;

/**
 * jgroups-raft's RAFT with our log and state machine. It differs where RAFT would go on after an error that it only logs, and
 * tells the state machine which entry it applies.
 */
final class RaftProtocol extends RAFT {
    private static final long STOP_TIMEOUT_MS = 5_000;

    private final MetadataApplier applier;
    private final FailStop failStop;
    private final String threadName;

    RaftProtocol(RaftLog log, MetadataApplier applier, FailStop failStop, String threadName) {
        this.applier = applier;
        this.failStop = failStop;
        this.threadName = threadName;
        setId(RAFT_ID);
        log(log);
        stateMachine(applier);
        maxLogCacheSize(0); // RaftLog keeps what is not yet committed; the cache has its own idea of term and indexes
    }

    @Override
    public void init() throws Exception {
        super.init();
        runner = new Runner(new DefaultThreadFactory(threadName, true), threadName, this::processQueue, null);
    }

    /** From the snapshot and the committed entries after it. The superclass goes on after a missing entry, and keeps the old majority. */
    @Override
    public void initStateMachineFromLog() throws Exception {
        if (state_machine_loaded) {
            return;
        }
        var snapshot = log_impl.getSnapshot();
        if (snapshot != null) {
            var in = new ByteArrayDataInputStream(snapshot);
            internal_state.readFrom(in);
            applier.readContentFrom(in);
            computeMajority();
        }
        long first = log_impl.firstAppended();
        if (applier.image().appliedIndex() > first) {
            throw new RaftException("Raft snapshot of entry " + first + " contains entry "
                    + applier.image().appliedIndex() + ": not starting");
        }
        for (long index = first + 1; index <= commit_index; index++) {
            var entry = log_impl.get(index);
            if (entry.internal()) {
                executeInternalCommand(null, entry.command(), entry.offset(), entry.length());
            } else {
                applier.next(index);
                applier.apply(entry.command(), entry.offset(), entry.length(), false);
            }
        }
        state_machine_loaded = true;
    }

    @Override
    protected void applyCommit(long index, boolean serializeResponse) throws Exception {
        failStop.check();
        applier.next(index);
        super.applyCommit(index, serializeResponse);
        failStop.check();
    }

    /** The superclass's thread forgets any exception and, with it, the requests of the batch. */
    @Override
    protected void process(List<Request> requests) {
        try {
            super.process(requests);
            for (var each : requests) {
                if (each instanceof Fence fence) {
                    fence.reached.countDown();
                }
            }
        } catch (RuntimeException | Error e) {
            if (isLeader() && !failStop.failed()) {
                throw failStop.fail("Raft request failed (" + FailStop.reason(e) + ")", e);
            }
            throw e;
        }
    }

    /** Stopping interrupts the thread: it must not be in the middle of something then. */
    private void awaitIdle() {
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
        if (thread != null && !failStop.failed()) {
            awaitIdle();
        }
        super.stop();
        if (thread != null) {
            Threads.join(thread, STOP_TIMEOUT_MS);
        }
    }

    /** Reached once all requests before it are done; the superclass ignores it. */
    private static final class Fence extends Request {
        private final CountDownLatch reached = new CountDownLatch(1);

        @Override
        protected void failed(Throwable cause) {
            reached.countDown();
        }
    }
}
