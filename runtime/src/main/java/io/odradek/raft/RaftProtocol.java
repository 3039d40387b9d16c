package io.odradek.raft;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.protocols.raft.AppendEntriesResponse;
import org.jgroups.protocols.raft.InternalCommand;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.protocols.raft.PersistentState;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.protocols.raft.Role;
import org.jgroups.raft.Options;
import org.jgroups.raft.util.Utils;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;

/**
 * jgroups-raft's RAFT under our own rules (docs/adr/0008-our-own-raft-rules.md), in the one order that {@link QueuedRaft} gives
 * events. Its messages are used; what is decided is in {@link AppendPlan}, {@link SnapshotPlan}, {@link VoteRule}, {@link Campaign},
 * {@link VoterSet} and the roles.
 *
 * <p>The role listeners hear of {@link Role#Leader} once the leader's no-op is applied, and with it everything that was committed
 * before.
 */
final class RaftProtocol extends QueuedRaft implements LogTerms {
    private static final int ENTRIES_PER_MESSAGE = 512;

    private final ReplicatedState state;
    private final Outbox outbox = new Outbox(this);
    private final VoterHistory voters = new VoterHistory(new VoterSet(Set.of()));
    private BlankMark blank = BlankMark.none();
    private ElectionProtocol election;
    private Role role = Role.Follower;
    private long lastTerm;
    private volatile Set<String> inView = Set.of();
    private int entriesPerMessage = ENTRIES_PER_MESSAGE;
    private LeaderListener leaderListener = (leader, term) -> {};
    private Address toldLeader;
    private long toldTerm;

    /** Hears of every other leader and term, and that others vote, in order, on Raft's thread. */
    @FunctionalInterface
    interface LeaderListener {
        /** @param leader null while none is known; it may not yet have applied what was committed before */
        void leader(Address leader, long term);
    }

    /** @param clockMs a time that only grows, in milliseconds */
    RaftProtocol(Log log, ReplicatedState state, FailStop failStop, String threadName, LongSupplier clockMs) {
        super(failStop, threadName, clockMs);
        this.state = state;
        setId(RAFT_ID);
        log(log);
        stateMachine(state);
        maxLogCacheSize(0); // RaftLog keeps what is not yet committed; the cache has its own idea of term and indexes
    }

    @Override
    public void init() throws Exception {
        super.init();
        impl = new FollowerRole(this);
        election = findProtocol(ElectionProtocol.class, this, true);
    }

    /** So many at most are sent at once to a member that is behind. Before the start. */
    void entriesPerMessage(int entries) {
        entriesPerMessage = entries;
    }

    int entriesPerMessage() {
        return entriesPerMessage;
    }

    /** Before the start. */
    void blankMark(BlankMark mark) {
        blank = mark;
    }

    /** Before the start. */
    void leaderListener(LeaderListener listener) {
        leaderListener = listener;
    }

    // What is known

    /** Any thread. */
    @Override
    public List<String> members() {
        var ids = voters().ids();
        return ids.isEmpty() ? super.members() : List.copyOf(ids); // those of the configuration, before the start
    }

    /** Any thread. */
    @Override
    public int majority() {
        return VoterSet.of(members()).majority();
    }

    /** The voters in the latest configuration in the log. Any thread. */
    VoterSet voters() {
        return voters.current();
    }

    boolean isVoter() {
        return voters().contains(raft_id);
    }

    /** A voter may be needed until its removal is committed (Raft dissertation §4.2.2). */
    boolean mayStand() {
        return (isVoter() || voters.at(commit_index).contains(raft_id)) && (!isBlank() || nothingCommitted());
    }

    boolean isBlank() {
        return blank.blank();
    }

    /** As far as this node knows, by those who voted when the log began. */
    boolean nothingCommitted() {
        return commit_index == 0 && voters.settledAt(0);
    }

    /** Any thread. */
    boolean voterMajorityInView() {
        return voters().hasMajority(inView);
    }

    /** Whether a live leader is known. One whose removal this node has committed is none, whatever it said before. */
    boolean leaderInView() {
        var leader = leader();
        if (leader == null || view == null || !view.containsMember(leader)) {
            return false;
        }
        var leaderId = Utils.extractRaftId(leader);
        return isLeader()
                || voters().contains(leaderId)
                || voters.at(commit_index).contains(leaderId);
    }

    /** The members' progress, where this node leads; any thread. */
    List<ReplicaProgress> replicas() {
        return impl instanceof LeaderRole leader ? leader.replicas() : List.of();
    }

    View presentView() {
        return view;
    }

    @Override
    public long lastIndex() {
        return last_appended;
    }

    LogPosition lastPosition() {
        return new LogPosition(lastTerm, last_appended);
    }

    @Override
    public long termAt(long index) {
        if (index == 0) {
            return 0;
        }
        if (index == last_appended) {
            return lastTerm;
        }
        return entry(index).term();
    }

    private LogEntry entry(long index) {
        var entry = log_impl.get(index);
        if (entry == null) {
            throw new IllegalStateException("entry " + index + " is not in the log");
        }
        return entry;
    }

    IllegalStateException notLeader() {
        return new IllegalStateException("node " + raft_id + " is not the leader");
    }

    @Override
    public CompletableFuture<byte[]> setAsync(byte[] bytes, int offset, int length, boolean internal, Options options) {
        if (!isLeader()) {
            throw notLeader();
        }
        var proposal = new Proposal(bytes, offset, length, internal);
        submit(proposal);
        return proposal.future();
    }

    @Override
    public CompletableFuture<byte[]> getAsync(byte[] bytes, int offset, int length, Options options) {
        throw new UnsupportedOperationException("the state is read where it is");
    }

    @Override
    public CompletableFuture<Void> snapshotAsync() {
        var done = new CompletableFuture<Void>();
        post(() -> {
            takeSnapshot();
            done.complete(null);
        });
        return done;
    }

    @Override
    void propose(List<Proposal> proposals) {
        if (impl instanceof LeaderRole leader && !proposals.isEmpty()) {
            leader.propose(proposals);
        } else {
            proposals.forEach(each -> each.future().completeExceptionally(notLeader()));
        }
    }

    @Override
    long dueMs() {
        return election == null ? Long.MAX_VALUE : election.dueMs();
    }

    @Override
    void elapse() {
        if (impl instanceof LeaderRole leader) {
            leader.tick(nowMs());
        }
        if (election != null) {
            election.tick();
        }
    }

    @Override
    void settle() {
        if (impl instanceof LeaderRole leader) {
            leader.advance();
            leader.tellCommit();
            boolean removed = !isVoter() && voters.settledAt(commit_index);
            if (removed || !voterMajorityInView() || leader.formedInVain()) {
                resign();
            }
        }
        if (curr_log_size >= max_log_size) {
            takeSnapshot();
        }
        if (blank.mayEnd(commit_index) && leader() != null) {
            takePart(leader());
        }
        if (election != null) {
            election.review();
        }
        tellLeader();
    }

    private void tellLeader() {
        var leader = leader();
        long term = currentTerm();
        if (term != toldTerm || !Objects.equals(leader, toldLeader)) {
            toldLeader = leader;
            toldTerm = term;
            leaderListener.leader(leader, term);
        }
    }

    // Membership

    @Override
    public void handleView(View next) {
        post(() -> {
            view = next;
            var ids = new HashSet<String>();
            for (var each : next) {
                var raftId = Utils.extractRaftId(each);
                if (raftId != null) {
                    ids.add(raftId);
                }
            }
            inView = Set.copyOf(ids);
            if (impl instanceof LeaderRole leader) {
                leader.membersChanged(next);
            } else if (leader() != null && !leaderInView()) {
                forgetLeader();
            }
            if (election != null) {
                election.viewChanged();
            }
        });
    }

    @Override
    protected CompletableFuture<byte[]> changeMembers(String voter, InternalCommand.Type type) {
        if (!isLeader()) {
            throw notLeader();
        }
        var change = new InternalEntry(type, voter);
        var proposal = new Proposal(change.encode(), true);
        post(() -> {
            if (!(impl instanceof LeaderRole leader)) {
                proposal.future().completeExceptionally(notLeader());
                return;
            }
            var refusal = VoterChangeRule.refusal(
                    change, voters(), voters.settledAt(commit_index), leader.active(), inView, leader.remembering());
            if (refusal.isPresent()) {
                proposal.future().completeExceptionally(new IllegalStateException(refusal.get()));
            } else {
                leader.propose(List.of(proposal));
            }
        });
        return proposal.future();
    }

    private void votersChanged() {
        internal_state.setMembers(voters().ids());
        computeMajority();
        if (!(impl instanceof LeaderRole)) { // a leader leads until its removal is committed
            changeRole(isVoter() ? Role.Follower : Role.Learner);
        }
        leaderListener.leader(leader(), currentTerm());
    }

    // Term, vote, leader. The log is first: what is published may be acted upon.

    @Override
    public int currentTerm(long term) {
        if (term > log_impl.currentTerm()) {
            log_impl.currentTerm(term);
        }
        return super.currentTerm(term);
    }

    /** The vote of the present term. */
    void vote(Address candidate) {
        log_impl.votedFor(candidate);
        votedFor(candidate);
    }

    @Override
    public RAFT setLeaderAndTerm(Address leader, long term) {
        if (!inTurn()) {
            post(() -> setLeaderAndTerm(leader, term));
            return this;
        }
        if (term > 0) {
            currentTerm(term);
        }
        super.setLeaderAndTerm(leader, term);
        if (impl instanceof LeaderRole led) {
            tellLeader(); // before others hear of it, and send what they want to have in the log
            led.begin();
        }
        return this;
    }

    /** @param newcomers blank nodes that count from now on, as does this one if it is blank */
    void elected(Set<Address> newcomers) {
        if (isBlank()) {
            blank.end();
        }
        setLeaderAndTerm(local_addr, currentTerm());
        if (impl instanceof LeaderRole leader) {
            leader.welcome(newcomers);
        }
    }

    /** Said by the leader of that term. */
    void welcomed(Address from, LogPosition at) {
        if (at.term() == currentTerm() && from.equals(leader())) {
            blank.welcome(at.index());
        }
    }

    ElectionProtocol election() {
        return election;
    }

    Outbox outbox() {
        return outbox;
    }

    /** A vote that its former life may have given in this term is given, to whoever leads in it. */
    private void takePart(Address leader) {
        if (votedFor() == null) {
            vote(leader);
        }
        blank.end();
        log.info("node %s has what was committed when its disk was empty: it counts from now on", raft_id);
        outbox.acknowledge(leader, commit_index);
    }

    /** @throws IllegalStateException when another leader is known in this term */
    void heardOf(Address leader) {
        if (!leader.equals(leader())) {
            leader(leader);
        }
    }

    void forgetLeader() {
        setLeaderAndTerm(null, 0);
    }

    private void resign() {
        forgetLeader();
        if (election != null) {
            election.resigned();
        }
    }

    @Override
    protected RAFT changeRole(Role next) {
        if (next != role || !(impl instanceof LeaderRole || impl instanceof FollowerRole)) {
            impl.destroy();
            impl = next == Role.Leader ? new LeaderRole(this) : new FollowerRole(this);
            role = next;
            if (next != Role.Leader) {
                notifyRoleChangeListeners(next);
            }
        }
        return this;
    }

    void becameActive() {
        notifyRoleChangeListeners(Role.Leader);
    }

    // Messages

    @Override
    public void handleUpRequest(Message message, RaftHeader header) {
        if (header.currTerm() < currentTerm()) {
            if (!(header instanceof AppendEntriesResponse)) {
                outbox.acknowledge(message.src(), 0); // with this node's term: its sender does not lead any more
            }
            return;
        }
        super.handleUpRequest(message, header);
    }

    // Log and state

    /** Durable when it returns. */
    void append(LogEntries entries) {
        long index = last_appended;
        last_appended = log_impl.append(last_appended + 1, entries);
        for (var each : entries) {
            index++;
            lastTerm = each.term();
            curr_log_size += each.length();
            if (each.internal()) {
                appended(index, InternalEntry.decode(each));
            }
        }
        num_successful_append_requests += entries.size();
    }

    private void appended(long index, InternalEntry entry) {
        if (entry.type() != InternalCommand.Type.noop) {
            voters.changed(index, entry.change(voters()));
            votersChanged();
        }
    }

    void truncateFrom(long index) {
        log_impl.deleteAllEntriesStartingFrom(index);
        last_appended = log_impl.lastAppended();
        lastTerm = last_appended == 0 ? 0 : entry(last_appended).term();
        voters.truncateFrom(index);
        votersChanged();
    }

    /** Applies what is committed. */
    void commitTo(long index) {
        if (index <= commit_index) {
            return;
        }
        while (commit_index < index) {
            apply(commit_index + 1);
            commit_index++;
            if (impl instanceof LeaderRole leader) {
                leader.applied(commit_index);
            }
        }
        log_impl.commitIndex(commit_index);
    }

    private void apply(long index) {
        requireSound();
        var entry = entry(index);
        if (entry.internal()) {
            return; // a change of the voters counts since it was appended
        }
        state.next(index);
        try {
            state.apply(entry.command(), entry.offset(), entry.length(), false);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected void takeSnapshot() {
        curr_log_size = 0;
        if (commit_index <= log_impl.firstAppended()) {
            return;
        }
        var out = new ByteArrayDataOutputStream(4096, true);
        try {
            var members = new PersistentState();
            members.setMembers(voters.at(commit_index).ids());
            members.writeTo(out);
            state.writeContentTo(out);
        } catch (Exception e) {
            throw new IllegalStateException("the snapshot of entry " + commit_index + " cannot be written", e);
        }
        log_impl.setSnapshot(ByteBuffer.wrap(out.buffer(), 0, out.position()));
        log_impl.truncate(commit_index);
        voters.forgetBefore(commit_index);
        num_snapshots++;
    }

    /** In the log first: a crash in between finds it there. */
    void install(byte[] bytes, int offset, int length, long index, long term) {
        log_impl.setSnapshot(ByteBuffer.wrap(bytes, offset, length));
        try {
            log_impl.reinitializeTo(index, new LogEntry(term, null));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        commit_index = index;
        last_appended = index;
        lastTerm = term;
        curr_log_size = 0;
        num_snapshot_received++;
        readSnapshot(new ByteArrayDataInputStream(bytes, offset, length), index);
        votersChanged();
    }

    private void readSnapshot(ByteArrayDataInputStream in, long index) {
        try {
            var members = new PersistentState();
            members.readFrom(in);
            voters.reset(index, VoterSet.of(members.getMembers()));
            state.readContentFrom(in);
        } catch (Exception e) {
            throw new RaftException("Raft snapshot of entry " + index + " cannot be read: " + FailStop.reason(e), e);
        }
        if (state.appliedIndex() > index) {
            throw new RaftException("Raft snapshot of entry " + index + " contains entry " + state.appliedIndex());
        }
    }

    /** From the snapshot and the committed entries after it; the voters from all entries. */
    @Override
    public void initStateMachineFromLog() {
        if (state_machine_loaded) {
            return;
        }
        long first = log_impl.firstAppended();
        voters.reset(0, VoterSet.of(internal_state.getMembers()));
        var snapshot = log_impl.getSnapshot();
        if (snapshot != null) {
            readSnapshot(new ByteArrayDataInputStream(snapshot), first);
        }
        lastTerm = last_appended == 0 ? 0 : entry(last_appended).term();
        for (long index = first + 1; index <= last_appended; index++) {
            if (index <= commit_index) {
                apply(index);
            }
            var entry = entry(index);
            if (entry.internal()) {
                appended(index, InternalEntry.decode(entry));
            }
        }
        votersChanged();
        state_machine_loaded = true;
    }
}
