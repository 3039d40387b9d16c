package io.odradek.raft;

import java.util.Arrays;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.protocols.raft.AppendResult;
import org.jgroups.protocols.raft.Follower;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;

/**
 * A follower or a learner. The term of a message is the follower's own when it comes here. It acknowledges and commits only what the
 * message has shown to be in the leader's log too.
 */
final class FollowerRole extends Follower {
    private static final LogEntry[] NOTHING = {};

    private final RaftProtocol protocol;

    FollowerRole(RaftProtocol protocol) {
        super(protocol);
        this.protocol = protocol;
    }

    @Override
    public AppendResult handleAppendEntriesRequest(
            LogEntries entries,
            Address leader,
            long previousIndex,
            long previousTerm,
            long entryTerm,
            long leaderCommit) {
        protocol.heardOf(leader);
        var sent = entries == null ? NOTHING : entries.toArray();
        var terms = Arrays.stream(sent).mapToLong(LogEntry::term).toArray();
        var plan = AppendPlan.of(protocol.applied(), previousIndex, previousTerm, terms);
        if (plan instanceof AppendPlan.Accept accept) {
            if (accept.truncateFrom() > 0) {
                protocol.truncateFrom(accept.truncateFrom());
            }
            if (accept.known() < sent.length) {
                protocol.append(new LogEntries().add(Arrays.copyOfRange(sent, accept.known(), sent.length)));
            }
            protocol.commitTo(Math.min(leaderCommit, accept.verified()));
            return protocol.outbox().answer(AppendResult.Result.OK, accept.verified());
        }
        var refuse = (AppendPlan.Refuse) plan;
        return protocol.outbox().answer(AppendResult.Result.FAIL_ENTRY_NOT_FOUND, refuse.lastPossible());
    }

    @Override
    public void handleInstallSnapshotRequest(Message message, Address leader, long index, long term) {
        protocol.heardOf(leader);
        SnapshotId.decode(message.getArray(), message.getOffset(), message.getLength())
                .ifPresent(snapshot -> protocol.snapshots().receiver().announced(leader, snapshot));
    }
}
