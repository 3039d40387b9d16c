package io.odradek.raft;

import org.jgroups.protocols.raft.ELECTION2;

/** jgroups-raft's election, whose thread also ends when there will be no leader any more. */
final class ElectionProtocol extends ELECTION2 {
    private static final long STOP_TIMEOUT_MS = 5_000;

    private final FailStop failStop;
    private final String threadName;
    private volatile boolean stopped;
    private volatile Thread voter;

    ElectionProtocol(FailStop failStop, String threadName) {
        this.failStop = failStop;
        this.threadName = threadName;
        setId(ELECTION_ID);
    }

    @Override
    protected void runVotingProcess() {
        var self = Thread.currentThread();
        self.setName(threadName);
        voter = self;
        if (stopped || failStop.failed()) {
            self.interrupt(); // the superclass takes this for the order to end the thread
        }
        try {
            super.runVotingProcess();
        } catch (RuntimeException e) {
            // A term or vote that could not be written: the next round will end the thread. Anything else is a bug of
            // ours.
            if (!failStop.failed()) {
                throw failStop.fail("election failed (" + FailStop.reason(e) + ")", e);
            }
        }
    }

    @Override
    public void stop() {
        stopped = true;
        super.stop();
        var last = voter;
        if (last != null && last != Thread.currentThread()) {
            Threads.join(last, STOP_TIMEOUT_MS);
        }
    }
}
