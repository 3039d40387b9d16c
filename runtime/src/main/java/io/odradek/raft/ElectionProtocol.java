package io.odradek.raft;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.protocols.raft.ELECTION2;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.protocols.raft.election.BaseElection;
import org.jgroups.raft.util.Utils;

/**
 * Elections as in Raft, started by views instead of heartbeats: when a node knows no leader in its view, and the view has a majority
 * of voters, the first voter of the view begins at once, the others later, each after the one before. jgroups-raft lets the
 * coordinator of the view pick a leader by the votes that it collected; here the candidate stands for itself, so that the
 * voters of its own log decide.
 *
 * <p>Everything runs on the thread of {@link RaftProtocol}, which is above it in the stack.
 */
final class ElectionProtocol extends ELECTION2 {
    private static final long NEVER = Long.MAX_VALUE;
    /** Of the time until the next try, while nothing comes of an election: the network may be slower than expected. */
    private static final int MAX_DOUBLINGS = 4;

    private final FailStop failStop;
    private final LongSupplier clockMs;
    private final RandomGenerator random;
    private RaftProtocol rules;
    private Campaign campaign;
    private long rounds;
    private int tries;
    private long dueMs = NEVER;
    /** Canvasses, by who sent them, that this node declined because it knew a live leader. */
    private final Map<Address, Long> declined = new HashMap<>();

    private boolean stopped;
    private boolean hasLed;
    private String nominated = "";

    ElectionProtocol(FailStop failStop, LongSupplier clockMs, RandomGenerator random) {
        this.failStop = failStop;
        this.clockMs = clockMs;
        this.random = random;
        setId(ELECTION_ID);
        ElectionMessage.register();
    }

    @Override
    public void init() throws Exception {
        super.init();
        rules = (RaftProtocol) raft;
    }

    /** When {@link #tick} has something to do. */
    long dueMs() {
        return dueMs;
    }

    void tick() {
        if (dueMs <= clockMs.getAsLong()) {
            dueMs = NEVER;
            review();
            if (dueMs != NEVER) {
                // Should nothing come of it, try again; not at the same moment as others who try.
                dueMs = later(1 + rank());
                tries++;
                canvass();
            }
        }
    }

    /** Decides whether an election is wanted. */
    void review() {
        boolean wanted = mayStand() && !rules.leaderInView();
        if (!wanted) {
            dueMs = NEVER;
            campaign = null;
        } else if (dueMs == NEVER) {
            int rank = rank();
            dueMs = rank == 0 ? clockMs.getAsLong() : later(rank);
        }
        reconsider();
    }

    private boolean mayStand() {
        return !stopped && rules.mayStand() && rules.electorate().hasMajorityInView();
    }

    /**
     * Views reach nodes one after the other, and the one that makes them begins an election before the others have heard: so whoever
     * was declined is told as soon as there is no leader, and need not ask again.
     */
    private void reconsider() {
        if (!declined.isEmpty() && !rules.leaderInView()) {
            declined.forEach((candidate, round) -> send(
                    candidate,
                    ElectionMessage.canvassAnswer(
                            rules.currentTerm(), round, true, rules.applied().lastPosition())));
            declined.clear();
        }
    }

    /** Whoever is first now need not wait any longer. */
    void viewChanged() {
        dueMs = NEVER;
        tries = 0;
        declined.keySet().retainAll(rules.electorate().view().getMembers());
    }

    /** This node leads no longer: others need not wait until they find out. */
    void resigned() {
        hasLed = true;
        send(
                null,
                ElectionMessage.resignation(rules.currentTerm(), rules.applied().lastPosition()));
    }

    private long later(int rank) {
        long step = vote_timeout << Math.min(tries, MAX_DOUBLINGS);
        return clockMs.getAsLong() + step * rank + random.nextLong(step);
    }

    /** How many voters are before this one in the view. */
    private int rank() {
        int before = 0;
        for (var each : rules.electorate().view()) {
            if (each.equals(local_addr)) {
                return before;
            }
            if (rules.voters().contains(Utils.extractRaftId(each))) {
                before++;
            }
        }
        return before;
    }

    private void canvass() {
        log.debug("%s: no leader of term %d in view, asking for an election", local_addr, rules.currentTerm());
        campaign = Campaign.canvass(++rounds);
        campaign.answer(rules.raftId(), own());
        send(
                null,
                ElectionMessage.canvass(
                        rules.currentTerm(), rounds, rules.applied().lastPosition()));
        decide();
    }

    private Campaign.Answer own() {
        return new Campaign.Answer(
                local_addr, true, rules.isBlank(), rules.applied().lastPosition());
    }

    private void stand() {
        num_voting_rounds++;
        rules.currentTerm(rules.currentTerm() + 1);
        log.debug("%s: stands for term %d", local_addr, rules.currentTerm());
        rules.vote(local_addr);
        long term = rules.currentTerm();
        campaign = campaign == null ? Campaign.vote(term) : campaign.toVote(term);
        campaign.answer(rules.raftId(), own());
        send(
                null,
                ElectionMessage.voteRequest(rules.currentTerm(), rules.applied().lastPosition()));
        decide();
    }

    private void decide() {
        var outcome =
                campaign.outcome(rules.voters(), rules.raftId(), rules.applied().nothingCommitted());
        if (outcome instanceof Campaign.Better better && !better.voter().equals(nominated)) {
            campaign = null;
            nominated = better.voter();
            nominate(better.voter());
        } else if (!(outcome instanceof Campaign.Undecided)) {
            nominated = ""; // nothing came of the nomination: let the votes decide
            if (campaign.isVote(rules.currentTerm())) {
                log.debug("%s: elected in term %d", local_addr, rules.currentTerm());
                campaign = null;
                hasLed = true;
                rules.elected(((Campaign.Won) outcome).blank());
            } else {
                stand();
            }
        }
    }

    private void nominate(String voter) {
        for (var each : rules.electorate().view()) {
            if (voter.equals(Utils.extractRaftId(each)) && !each.equals(local_addr)) {
                send(
                        each,
                        ElectionMessage.nomination(
                                rules.currentTerm(), rules.applied().lastPosition()));
            }
        }
    }

    @Override
    protected void handleMessage(Message message, RaftHeader header) {
        if (header instanceof ElectionMessage said) {
            rules.receive(() -> heard(message.src(), said));
        }
    }

    private void heard(Address from, ElectionMessage said) {
        switch (said.kind()) {
            case CANVASS -> answerCanvass(from, said);
            case CANVASS_ANSWER -> {
                rules.currentTerm(said.currTerm()); // to stand in a new one
                if (campaign != null && campaign.isCanvass(said.round())) {
                    campaign.answer(Utils.extractRaftId(from), answer(from, said));
                    decide();
                }
            }
            case VOTE_REQUEST -> {
                rules.currentTerm(said.currTerm());
                boolean yes = VoteRule.grants(
                        rules.currentTerm(),
                        isFreeFor(from),
                        rules.applied().lastPosition(),
                        said.currTerm(),
                        said.last());
                if (yes) {
                    rules.vote(from);
                    dueMs = Math.max(dueMs, later(1));
                }
                send(
                        from,
                        ElectionMessage.vote(
                                rules.currentTerm(), yes, rules.applied().lastPosition()));
            }
            case VOTE -> {
                rules.currentTerm(said.currTerm());
                if (campaign != null && campaign.isVote(said.currTerm()) && campaign.isVote(rules.currentTerm())) {
                    campaign.answer(Utils.extractRaftId(from), answer(from, said));
                    decide();
                }
            }
            case NOMINATION -> {
                boolean heeded = !rules.leaderInView() || from.equals(rules.leader());
                if (heeded && mayStand() && rules.applied().nothingCommitted()) {
                    canvass(); // blank voters count only after one
                } else if (heeded && mayStand()) {
                    campaign = null;
                    stand();
                }
            }
            case RESIGNATION -> {
                if (said.currTerm() >= rules.currentTerm() && from.equals(rules.leader())) {
                    rules.currentTerm(said.currTerm());
                    rules.forgetLeader();
                }
            }
            case WELCOME -> rules.welcomed(from, said.last());
        }
    }

    private static Campaign.Answer answer(Address from, ElectionMessage said) {
        return new Campaign.Answer(from, said.yes(), said.blank(), said.last());
    }

    /** That blank node counts once it has committed up to the index. */
    void welcome(Address member, long index) {
        send(member, ElectionMessage.welcome(rules.currentTerm(), index));
    }

    private boolean isFreeFor(Address candidate) {
        var voted = rules.votedFor();
        return rules.leader() == null && (voted == null || voted.equals(candidate));
    }

    private void answerCanvass(Address from, ElectionMessage said) {
        boolean leads = rules.impl() instanceof LeaderRole;
        boolean wanted = !rules.leaderInView() || from.equals(rules.leader());
        if (hasLed && !leads) {
            resigned(); // somebody may still believe it leads, and decline
        }
        if (!wanted && !leads && rules.electorate().view().containsMember(from)) {
            declined.put(from, said.round());
        }
        log.debug("%s: %s an election for %s", local_addr, wanted ? "wants" : "declines", from);
        send(
                from,
                ElectionMessage.canvassAnswer(
                        rules.currentTerm(),
                        said.round(),
                        wanted,
                        rules.applied().lastPosition()));
        if (!wanted && rules.impl() instanceof LeaderRole leader) {
            leader.remind(from);
        }
    }

    /** Lost like any other message when the network is not there (any more). */
    private void send(Address to, ElectionMessage said) {
        var message = new EmptyMessage(to)
                .putHeader(id, said.ofBlank(rules.isBlank()))
                .setFlag(Message.Flag.OOB);
        if (to == null) {
            message.setFlag(Message.TransientFlag.DONT_LOOPBACK);
        }
        down(message);
    }

    /** Raft's messages pass here: a transport that fails must not be taken for a log that fails. */
    @Override
    public Object down(Message message) {
        try {
            return down_prot.down(message);
        } catch (RuntimeException e) {
            log.debug("%s: not sent: %s", local_addr, e);
            return null;
        }
    }

    /** {@link RaftProtocol#handleView} is told, and tells this. */
    @Override
    protected void handleView(View view) {}

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.DISCONNECT) {
            leave();
            rules.awaitIdle();
        }
        return down_prot.down(event);
    }

    @Override
    public synchronized BaseElection startVotingThread() {
        rules.post(() -> dueMs = clockMs.getAsLong());
        return this;
    }

    /** Hands leadership over to the voter that has the most. */
    private void leave() {
        rules.post(() -> {
            stopped = true;
            if (rules.isLeader()) {
                var best = rules.replicas().stream()
                        .filter(each -> rules.voters().contains(each.raftId()))
                        .max(Comparator.comparingLong(ReplicaProgress::matchIndex));
                rules.forgetLeader();
                best.ifPresent(each -> nominate(each.raftId()));
                resigned();
            }
        });
    }

    @Override
    public void stop() {
        if (rules != null && !failStop.failed()) {
            leave();
        }
    }
}
