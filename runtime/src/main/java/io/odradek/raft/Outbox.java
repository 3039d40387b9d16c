package io.odradek.raft;

import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.EmptyMessage;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.protocols.raft.AppendEntriesRequest;
import org.jgroups.protocols.raft.AppendEntriesResponse;
import org.jgroups.protocols.raft.AppendResult;
import org.jgroups.protocols.raft.InstallSnapshotRequest;
import org.jgroups.protocols.raft.LogEntries;

/** What leader and followers send each other, in jgroups-raft's messages, in the sender's present term. Used by Raft's thread. */
final class Outbox {
    /** In the term of an answer that does not match, which says nothing here. */
    private static final long BLANK = 1;

    private final RaftProtocol protocol;

    Outbox(RaftProtocol protocol) {
        this.protocol = protocol;
    }

    AppendResult answer(AppendResult.Result result, long index) {
        return new AppendResult(result, index, protocol.isBlank() ? BLANK : 0);
    }

    /** Whether who gave the answer does not count ({@link BlankMark}). */
    static boolean isOfBlank(AppendResult answer) {
        return answer.nonMatchingTerm() == BLANK;
    }

    void acknowledge(Address leader, long verified) {
        var result = answer(AppendResult.Result.OK, verified).commitIndex(protocol.commitIndex());
        send(new EmptyMessage(leader)
                .putHeader(protocol.getId(), new AppendEntriesResponse(protocol.currentTerm(), result)));
    }

    /** @param to a member, or null for all of them */
    void entries(Address to, long previousIndex, LogEntries entries) {
        long term = protocol.currentTerm();
        long entryTerm = entries == null ? term : entries.iterator().next().term();
        var header = new AppendEntriesRequest(
                protocol.getAddress(),
                term,
                previousIndex,
                protocol.applied().termAt(previousIndex),
                entryTerm,
                protocol.commitIndex());
        var message = new ObjectMessage(to, entries).putHeader(protocol.getId(), header);
        if (to == null) {
            message.setFlag(Message.TransientFlag.DONT_LOOPBACK);
        }
        send(message);
    }

    /** It is there to be fetched, and what is before it is not there any more. */
    void announceSnapshot(Address to, SnapshotId snapshot) {
        var header = new InstallSnapshotRequest(
                protocol.currentTerm(), protocol.getAddress(), snapshot.index(), snapshot.term());
        send(new BytesMessage(to, snapshot.encode()).putHeader(protocol.getId(), header));
    }

    void fetchSnapshot(Address leader, SnapshotId snapshot, int position, int bytes) {
        var header = SnapshotMessage.fetch(protocol.currentTerm(), snapshot, position, bytes);
        send(new EmptyMessage(leader).putHeader(protocol.getId(), header));
    }

    void snapshotPiece(Address to, SnapshotId snapshot, int position, byte[] piece) {
        var header = SnapshotMessage.piece(protocol.currentTerm(), snapshot, position, Checksum.of(piece));
        send(new BytesMessage(to, piece).putHeader(protocol.getId(), header));
    }

    /** That blank member counts once it has committed up to the index. */
    void welcome(Address member, long index) {
        protocol.election().welcome(member, index);
    }

    private void send(Message message) {
        protocol.getDownProtocol().down(message);
    }
}
