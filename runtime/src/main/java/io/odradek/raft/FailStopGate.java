package io.odradek.raft;

import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.MessageBatch;

/** Between Raft and the rest of the stack: once the log has failed, nothing is heard and nothing is answered. */
final class FailStopGate extends Protocol {
    private final FailStop failStop;

    FailStopGate(FailStop failStop) {
        this.failStop = failStop;
    }

    @Override
    public Object down(Message message) {
        return failStop.failed() ? null : down_prot.down(message);
    }

    @Override
    public Object up(Message message) {
        return failStop.failed() ? null : up_prot.up(message);
    }

    @Override
    public void up(MessageBatch batch) {
        if (!failStop.failed()) {
            up_prot.up(batch);
        }
    }
}
