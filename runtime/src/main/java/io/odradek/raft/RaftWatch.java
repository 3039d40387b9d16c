package io.odradek.raft;

import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.MessageBatch;

/** Tells after each message for the protocols above that Raft's leader or term may be another. */
final class RaftWatch extends Protocol {
    private final RaftStack.Events events;

    RaftWatch(RaftStack.Events events) {
        this.events = events;
    }

    @Override
    public Object up(Message message) {
        var result = up_prot.up(message);
        events.raftChanged();
        return result;
    }

    @Override
    public void up(MessageBatch batch) {
        up_prot.up(batch);
        events.raftChanged();
    }
}
