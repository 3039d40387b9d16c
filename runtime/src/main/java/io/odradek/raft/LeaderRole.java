package io.odradek.raft;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jgroups.Address;
import org.jgroups.View;
import org.jgroups.protocols.raft.AppendResult;
import org.jgroups.protocols.raft.Leader;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.raft.util.Utils;

/**
 * The leader of a term. It begins with a no-op, commits by counting replicas of entries of its own term (Raft §5.4.2), and is the
 * active controller once the no-op is applied.
 *
 * <p>Every message to a member is answered once, and an answer causes at most one message to that member alone, until it has
 * everything: no storms. Used by Raft's thread; {@link #replicas} by any.
 */
final class LeaderRole extends Leader {
    private static final long MAX_BYTES_PER_MESSAGE = 1 << 20;
    /** A member that has asked for nothing for so long does not fetch the snapshot any more. */
    private static final int RESEND_INTERVALS_PER_FETCH = 50;

    private final RaftProtocol protocol;
    private final AppliedLog log;
    private final Map<Address, FollowerProgress> members = new ConcurrentHashMap<>();
    private final TreeMap<Long, CompletableFuture<byte[]>> waiting = new TreeMap<>();
    /** Blank members that voted for it, when nothing was committed. */
    private Set<Address> newcomers = Set.of();

    private long noOpIndex;
    private boolean active;
    private long toldCommit;

    LeaderRole(RaftProtocol protocol) {
        super(protocol);
        this.protocol = protocol;
        this.log = protocol.applied();
    }

    @Override
    public void init() {} // jgroups-raft's tables are not used

    @Override
    public void destroy() {
        var failure = protocol.notLeader();
        waiting.values().forEach(each -> each.completeExceptionally(failure));
        waiting.clear();
    }

    /** Once; tells everybody who leads, and finds out where their logs part from this one. */
    void begin() {
        if (noOpIndex == 0) {
            membersChanged(protocol.electorate().view());
            noOpIndex = log.lastIndex() + 1;
            propose(List.of(new Proposal(InternalEntry.NO_OP.encode(), true)));
        }
    }

    /** These voted for this leader, and count with all that they may have promised before. */
    void welcome(Set<Address> blank) {
        newcomers = blank;
    }

    /**
     * A blank member counts once it has everything up to an entry that was appended after this leader saw that it is blank, and was
     * committed without it.
     */
    private void welcome(Address member, FollowerProgress progress) {
        if (newcomers.contains(member)) {
            protocol.outbox().welcome(member, 0);
        } else if (progress.welcomeAt() == 0) {
            progress.welcomeAt(log.lastIndex() + 1);
            propose(List.of(new Proposal(InternalEntry.NO_OP.encode(), true)));
        } else if (progress.welcomeAt() <= protocol.commitIndex()) {
            protocol.outbox().welcome(member, progress.welcomeAt());
        }
    }

    /** Those who elected it have restarted before they counted: nothing will be committed, but all can vote again. */
    boolean formedInVain() {
        long blank = members.entrySet().stream()
                .filter(each -> protocol.voters().contains(each.getValue().raftId()))
                .filter(each ->
                        each.getValue().welcomeAt() > 0 && !each.getValue().counts())
                .count();
        return log.nothingCommitted()
                && protocol.voters().ids().size() - blank < protocol.voters().majority();
    }

    /** Whose acknowledgements count. */
    Set<String> remembering() {
        var ids = new HashSet<String>();
        ids.add(protocol.raftId());
        members.values().stream().filter(FollowerProgress::counts).forEach(each -> ids.add(each.raftId()));
        return ids;
    }

    /** Whether what earlier leaders committed is applied. */
    boolean active() {
        return active;
    }

    void membersChanged(View view) {
        if (view == null) {
            return;
        }
        members.keySet().retainAll(view.getMembers());
        for (var each : view) {
            if (!each.equals(protocol.getAddress()) && !members.containsKey(each)) {
                var progress = new FollowerProgress(Utils.extractRaftId(each), log.lastIndex() + 1, protocol.nowMs());
                members.put(each, progress);
                if (noOpIndex > 0) {
                    send(each, progress);
                }
            }
        }
    }

    /** Sends before it appends: the members' disks work at the same time as this one's. */
    void propose(List<Proposal> proposals) {
        long term = protocol.currentTerm();
        long previous = log.lastIndex();
        var entries = new LogEntries();
        long index = previous;
        for (var each : proposals) {
            entries.add(each.entry(term));
            waiting.put(++index, each.future());
        }
        toldCommit = protocol.commitIndex();
        protocol.outbox().entries(null, previous, entries);
        long now = protocol.nowMs();
        for (var each : members.values()) {
            if (each.nextIndex() == previous + 1) {
                each.sent(index, now);
            }
        }
        protocol.append(entries);
    }

    /** A node that asks for an election while this one leads has not heard of it. */
    void remind(Address member) {
        var progress = members.get(member);
        if (progress != null) {
            send(member, progress);
        }
    }

    @Override
    public AppendResult handleAppendEntriesRequest(
            LogEntries entries,
            Address leader,
            long previousIndex,
            long previousTerm,
            long entryTerm,
            long leaderCommit) {
        throw new IllegalStateException(
                "two leaders in term " + protocol.currentTerm() + ": " + leader + " and " + protocol.getAddress());
    }

    @Override
    public void handleAppendEntriesResponse(Address sender, long term, AppendResult result) {
        var progress = members.get(sender);
        if (progress == null || result.index() > log.lastIndex()) {
            return;
        }
        progress.heard(result.commitIndex(), protocol.nowMs());
        progress.counts(!Outbox.isOfBlank(result));
        if (result.success()) {
            progress.accepted(result.index());
            advance();
        } else if (!progress.refused(Math.max(result.index(), result.commitIndex()))) {
            return;
        }
        if (!progress.counts()) {
            welcome(sender, progress);
        }
        if (progress.nextIndex() <= log.lastIndex()) {
            send(sender, progress);
        }
    }

    void snapshotFetched(Address sender, SnapshotMessage fetch) {
        var progress = members.get(sender);
        if (progress != null) {
            progress.fetchesSnapshot(protocol.nowMs());
            protocol.snapshots().sender().fetched(sender, fetch);
        }
    }

    /** Whether the present snapshot is on its way to somebody, who needs the entries after it then. */
    boolean snapshotIsFetched() {
        long since = protocol.nowMs() - RESEND_INTERVALS_PER_FETCH * protocol.resendInterval();
        return members.values().stream().anyMatch(each -> each.fetchedSnapshotSince(since));
    }

    /** Commits what a majority of voters has, this node included if it is one. */
    void advance() {
        var matches = new HashMap<String, Long>();
        for (var each : members.values()) {
            matches.merge(each.raftId(), each.counts() ? each.matchIndex() : 0, Math::min);
        }
        matches.put(protocol.raftId(), log.lastIndex());
        long replicated = protocol.voters().replicatedUpTo(matches);
        if (replicated > protocol.commitIndex() && log.termAt(replicated) == protocol.currentTerm()) {
            protocol.commitTo(replicated);
        }
    }

    void applied(long index) {
        var future = waiting.remove(index);
        if (future != null) {
            future.complete(null);
        }
        if (index == noOpIndex) {
            active = true;
            protocol.becameActive();
        }
    }

    /** Once per advance of the commit index, unless entries have carried it already. */
    void tellCommit() {
        if (toldCommit < protocol.commitIndex()) {
            toldCommit = protocol.commitIndex();
            if (!members.isEmpty()) {
                protocol.outbox().entries(null, toldCommit, null);
            }
        }
    }

    void tick(long nowMs) {
        members.forEach((address, progress) -> {
            if (progress.behind(log.lastIndex(), protocol.commitIndex())
                    && progress.overdue(nowMs, protocol.resendInterval())) {
                progress.resend();
                send(address, progress);
            }
        });
    }

    private void send(Address member, FollowerProgress progress) {
        long now = protocol.nowMs();
        long previous = progress.nextIndex() - 1;
        if (previous < protocol.log().firstAppended()) {
            protocol.snapshots().sender().announce(member);
            progress.sent(previous, now);
            return;
        }
        LogEntries entries = null;
        long bytes = 0;
        long index = previous;
        while (index < log.lastIndex()
                && index - previous < protocol.entriesPerMessage()
                && bytes < MAX_BYTES_PER_MESSAGE) {
            LogEntry entry = protocol.log().get(++index);
            entries = entries == null ? new LogEntries() : entries;
            entries.add(entry);
            bytes += entry.length();
        }
        protocol.outbox().entries(member, previous, entries);
        progress.sent(index, now);
    }

    List<ReplicaProgress> replicas() {
        return members.entrySet().stream()
                .map(each -> new ReplicaProgress(
                        each.getValue().raftId(),
                        each.getKey(),
                        each.getValue().matchIndex(),
                        each.getValue().commitIndex(),
                        each.getValue().heardAtMs()))
                .toList();
    }
}
