package io.odradek.raft;

import java.util.function.Supplier;
import org.jgroups.protocols.raft.ELECTION2;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.stack.Protocol;
import org.jgroups.util.Runner;

/**
 * The rules of jgroups-raft 1.1.4 as they are, in a schedule, on our log. Only their threads are taken away: what the thread of RAFT does
 * now and then is done by {@code tick}, and while the voting thread waits for votes the schedule goes on.
 */
final class UnmodifiedClasses implements SimulatedNode.Classes {
    /** A round of votes within a round within a round ... is enough. */
    private static final int MAX_ROUNDS_AT_ONCE = 2;

    private static final int MAX_STEPS_OF_A_ROUND = 10;

    private final Supplier<RaftSchedule> schedule;
    private int roundsAtOnce;

    UnmodifiedClasses(Supplier<RaftSchedule> schedule) {
        this.schedule = schedule;
    }

    @Override
    public Protocol[] create(SimulatedNode node, FailStop failStop) {
        var raft = new Raft();
        raft.log(node.log).stateMachine(node.state);
        raft.maxLogCacheSize(0);
        raft.sendCommitsImmediately(schedule.get().random().nextBoolean());
        return new Protocol[] {new Election(node), raft};
    }

    @Override
    public void tick(SimulatedNode node) {
        node.raft.flushCommitTable();
        var election = (Election) node.node.election();
        if (election.isVotingThreadRunning() && !election.inRound && roundsAtOnce < MAX_ROUNDS_AT_ONCE) {
            roundsAtOnce++;
            election.inRound = true;
            try {
                election.round();
            } finally {
                election.inRound = false;
                roundsAtOnce--;
            }
        }
    }

    @Override
    public void snapshot(SimulatedNode node) throws Exception {
        ((Raft) node.raft).takeSnapshot();
    }

    /** Is on or off, and runs nothing. */
    private static final class Idle extends Runner {
        private boolean on;

        Idle() {
            super("idle", () -> {}, null);
        }

        @Override
        public boolean isRunning() {
            return on;
        }

        @Override
        public synchronized Runner start() {
            on = true;
            return this;
        }

        @Override
        public synchronized Runner stop() {
            on = false;
            return this;
        }
    }

    private static final class Raft extends RAFT {
        Raft() {
            setId(RAFT_ID);
        }

        @Override
        public void init() throws Exception {
            super.init();
            runner = new Idle();
        }

        @Override
        protected void takeSnapshot() throws Exception {
            super.takeSnapshot();
        }
    }

    private final class Election extends ELECTION2 {
        private final SimulatedNode node;
        private boolean inRound;

        Election(SimulatedNode node) {
            this.node = node;
            setId(ELECTION_ID);
            try {
                var thread = org.jgroups.protocols.raft.election.BaseElection.class.getDeclaredField("voting_thread");
                thread.setAccessible(true);
                thread.set(this, new Idle());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        void round() {
            runVotingProcess();
        }

        /** The thread waits for the answers now. */
        @Override
        protected void sendVoteRequest(long term) {
            super.sendVoteRequest(term);
            var at = schedule.get();
            if (at.random().nextInt(3) > 0) {
                at.calm();
            }
            for (int i = at.random().nextInt(MAX_STEPS_OF_A_ROUND); i > 0 && at.isUp(node); i--) {
                at.step();
            }
            if (!at.isUp(node)) {
                throw new IllegalStateException("the node has crashed");
            }
            getVotes().getMissing().forEach(getVotes()::suspect); // there is no time to wait
        }
    }
}
