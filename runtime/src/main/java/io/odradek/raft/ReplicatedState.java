package io.odradek.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.InputStream;
import org.jgroups.raft.StateMachine;

/** The state machine that Raft feeds, which also knows which entry it applies. Called by one thread at a time, unless it says more. */
interface ReplicatedState extends StateMachine {
    /** Which entry the next call of {@link #apply} brings. */
    void next(long index);

    /** The last entry whose effect is in the state; entries without a command are not counted. */
    long appliedIndex();

    /** The state as it is now, which any thread may write while this one applies more. */
    SnapshotDraft.Content content();

    /** Reads a state, without any effect yet. Any thread. */
    Restorable read(InputStream in) throws IOException;

    /** A state that was read. */
    interface Restorable {
        /** As {@link ReplicatedState#appliedIndex}. */
        long appliedIndex();

        /** Makes it the present one; on the thread that applies. */
        void restore();
    }

    @Override
    default void readContentFrom(DataInput in) throws Exception {
        throw new UnsupportedOperationException("a snapshot is a file");
    }

    @Override
    default void writeContentTo(DataOutput out) throws Exception {
        throw new UnsupportedOperationException("a snapshot is a file");
    }
}
