package io.odradek.raft;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.protocols.raft.AppendEntriesResponse;
import org.jgroups.protocols.raft.InternalCommand;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.protocols.raft.Role;
import org.jgroups.raft.Options;

/**
 * jgroups-raft's RAFT under our own rules (docs/adr/0008-our-own-raft-rules.md), in the one order that {@link QueuedRaft} gives
 * events. Its messages are used; what is decided is in {@link AppendPlan}, {@link SnapshotPlan}, {@link VoteRule}, {@link Campaign},
 * {@link VoterSet} and the roles.
 *
 * <p>The role listeners hear of {@link Role#Leader} once the leader's no-op is applied, and with it everything that was committed
 * before.
 */
final class RaftProtocol extends QueuedRaft {
    private static final int ENTRIES_PER_MESSAGE = 512;

    private final AppliedLog applied;
    private final Electorate electorate;
    private final Snapshots snapshots;
    private final Outbox outbox = new Outbox(this);
    private BlankMark blank = BlankMark.none();
    private ElectionProtocol election;
    private Role role = Role.Follower;
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

    /** As {@link QueuedRaft#QueuedRaft}. */
    RaftProtocol(
            SnapshotLog log,
            ReplicatedState state,
            FailStop failStop,
            String threadName,
            LongSupplier clockMs,
            Executor background) {
        super(failStop, threadName, clockMs, background);
        applied = new AppliedLog(log, state, failStop, this::votersChanged);
        electorate = new Electorate(applied);
        snapshots = new Snapshots(this, log);
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
        return electorate.voters();
    }

    private boolean isVoter() {
        return voters().contains(raft_id);
    }

    /** Whether it may want to lead (Raft dissertation §4.2.2). */
    boolean mayStand() {
        return electorate.mayBeNeeded(raft_id) && (!isBlank() || applied.nothingCommitted());
    }

    boolean isBlank() {
        return blank.blank();
    }

    /** Whether a live leader is known. */
    boolean leaderInView() {
        var leader = leader();
        return isLeader() ? electorate.contains(leader) : electorate.mayLead(leader);
    }

    /** The members' progress, where this node leads; any thread. */
    List<ReplicaProgress> replicas() {
        return impl instanceof LeaderRole leader ? leader.replicas() : List.of();
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
        post(() -> snapshots.taker().take(() -> done.complete(null)));
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
            boolean removed = !isVoter() && electorate.isSettled();
            if (removed || !electorate.hasMajorityInView() || leader.formedInVain()) {
                resign();
            }
        }
        if (snapshots.isDue(curr_log_size, max_log_size)) {
            curr_log_size = 0;
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
            electorate.view(next);
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
                    change,
                    voters(),
                    electorate.isSettled(),
                    leader.active(),
                    electorate.inView(),
                    leader.remembering());
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
            snapshots.receiver().abandon(); // it has what is committed
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

    AppliedLog applied() {
        return applied;
    }

    Electorate electorate() {
        return electorate;
    }

    Snapshots snapshots() {
        return snapshots;
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
            if (!(header instanceof AppendEntriesResponse) && !(header instanceof SnapshotMessage)) {
                outbox.acknowledge(message.src(), 0); // with this node's term: its sender does not lead any more
            }
            return;
        }
        if (header instanceof SnapshotMessage said) {
            currentTerm(said.currTerm());
            snapshots.heard(message, said);
        } else {
            super.handleUpRequest(message, header);
        }
    }

    // Log and state; jgroups-raft's own fields follow.

    /** Durable when it returns. */
    void append(LogEntries entries) {
        applied.append(entries);
        last_appended = applied.lastIndex();
        for (var each : entries) {
            curr_log_size += each.length();
        }
        num_successful_append_requests += entries.size();
    }

    void truncateFrom(long index) {
        applied.truncateFrom(index);
        last_appended = applied.lastIndex();
    }

    /** Applies what is committed. */
    void commitTo(long index) {
        if (index <= commit_index) {
            return;
        }
        while (commit_index < index) {
            applied.applyNext();
            commit_index = applied.commitIndex();
            if (impl instanceof LeaderRole leader) {
                leader.applied(commit_index);
            }
        }
        applied.committed();
    }

    @Override
    protected void takeSnapshot() {
        snapshots.taker().take(() -> num_snapshots++);
    }

    /** Of the leader, complete. */
    void install(SnapshotDraft snapshot, AppliedLog.Restored content) {
        applied.restore(snapshot, content);
        commit_index = applied.commitIndex();
        last_appended = applied.lastIndex();
        curr_log_size = 0;
        num_snapshot_received++;
    }

    /** From the snapshot and the committed entries after it. */
    @Override
    public void initStateMachineFromLog() {
        if (!state_machine_loaded) {
            applied.load(internal_state.getMembers());
            state_machine_loaded = true;
        }
    }
}
