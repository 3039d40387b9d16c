package io.odradek.raft;

import org.jgroups.raft.StateMachine;

/** The state machine that Raft feeds, which also knows which entry it applies. Called by one thread at a time. */
interface ReplicatedState extends StateMachine {
    /** Which entry the next call of {@link #apply} brings. */
    void next(long index);

    /** The last entry whose effect is in the state; entries without a command are not counted. */
    long appliedIndex();
}
