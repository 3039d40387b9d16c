package io.odradek.raft;

import org.jgroups.Address;
import org.jgroups.View;
import org.jgroups.raft.testfwk.MockRaftCluster;
import org.jgroups.raft.testfwk.RaftNode;

/** A network of testfwk's whose nodes and views a test keeps itself: nobody asks the framework for them. */
abstract class SimulatedNetwork extends MockRaftCluster {
    @Override
    public final void handleView(View view) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final <T extends MockRaftCluster> T add(Address address, RaftNode node) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final <T extends MockRaftCluster> T remove(Address address) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final <T extends MockRaftCluster> T clear() {
        throw new UnsupportedOperationException();
    }
}
