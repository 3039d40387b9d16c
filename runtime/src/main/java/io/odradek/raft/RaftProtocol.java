package io.odradek.raft;

import java.util.Arrays;
import java.util.HashSet;
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
import org.jgroups.raft.util.Utils;

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

    /** Of a snapshot, in one message: as Kafka's default of {@code controller.quorum.fetch.snapshot.max.bytes}. */
    private static final int SNAPSHOT_PIECE_BYTES = 1 << 20;
    /** By so much the log may outgrow its bound while a member fetches a snapshot, and needs what comes after it. */
    private static final int LOGS_WHILE_FETCHED = 4;

    private final AppliedLog applied;
    private final SnapshotTaker snapshotTaker;
    private final SnapshotSender snapshotSender;
    private final SnapshotReceiver snapshotReceiver;
    private final Outbox outbox = new Outbox(this);
    private BlankMark blank = BlankMark.none();
    private ElectionProtocol election;
    private Role role = Role.Follower;
    private volatile Set<String> inView = Set.of();
    private int entriesPerMessage = ENTRIES_PER_MESSAGE;
    private int snapshotPieceBytes = SNAPSHOT_PIECE_BYTES;
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
        snapshotTaker = new SnapshotTaker(this, log);
        snapshotSender = new SnapshotSender(this, log);
        snapshotReceiver = new SnapshotReceiver(this, log);
        SnapshotMessage.register();
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

    /** So many bytes of a snapshot at most are asked for at once. Before the start. */
    void snapshotPieceBytes(int bytes) {
        snapshotPieceBytes = bytes;
    }

    int snapshotPieceBytes() {
        return snapshotPieceBytes;
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
        return applied.voters().current();
    }

    boolean isVoter() {
        return voters().contains(raft_id);
    }

    /** A voter may be needed until its removal is committed (Raft dissertation §4.2.2). */
    boolean mayStand() {
        return (isVoter() || applied.voters().at(commit_index).contains(raft_id)) && (!isBlank() || nothingCommitted());
    }

    boolean isBlank() {
        return blank.blank();
    }

    /** As far as this node knows, by those who voted when the log began. */
    boolean nothingCommitted() {
        return commit_index == 0 && applied.voters().settledAt(0);
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
                || applied.voters().at(commit_index).contains(leaderId);
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
        return applied.lastIndex();
    }

    LogPosition lastPosition() {
        return applied.lastPosition();
    }

    @Override
    public long termAt(long index) {
        return applied.termAt(index);
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
        post(() -> snapshotTaker.take(() -> done.complete(null)));
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
            boolean removed = !isVoter() && applied.voters().settledAt(commit_index);
            if (removed || !voterMajorityInView() || leader.formedInVain()) {
                resign();
            }
        }
        if (snapshotIsDue()) {
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

    private boolean snapshotIsDue() {
        boolean fetched = impl instanceof LeaderRole leader && leader.snapshotIsFetched();
        return !snapshotTaker.underWay() && curr_log_size >= (fetched ? LOGS_WHILE_FETCHED : 1) * max_log_size;
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
                    change,
                    voters(),
                    applied.voters().settledAt(commit_index),
                    leader.active(),
                    inView,
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
            snapshotReceiver.abandon(); // it has what is committed
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

    SnapshotSender snapshotSender() {
        return snapshotSender;
    }

    SnapshotReceiver snapshotReceiver() {
        return snapshotReceiver;
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
            handle(message, said);
        } else {
            super.handleUpRequest(message, header);
        }
    }

    private void handle(Message message, SnapshotMessage said) {
        if (said.kind() == SnapshotMessage.Kind.PIECE) {
            snapshotReceiver.piece(
                    said,
                    Arrays.copyOfRange(
                            message.getArray(), message.getOffset(), message.getOffset() + message.getLength()));
        } else if (impl instanceof LeaderRole leader) {
            leader.snapshotFetched(message.src(), said);
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
        snapshotTaker.take(() -> num_snapshots++);
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
