package io.odradek.raft;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jgroups.Address;

/**
 * One attempt of a node to become leader, in two stages: a canvass, which binds nobody and asks whether an election is wanted and
 * who should stand (Raft dissertation §9.6), and the vote. Answers of another attempt do not count; nor does a second answer
 * of the same voter, unless it has come round to a yes.
 *
 * <p>Blank voters ({@link BlankMark}) do not count, but for one case: all voters say yes. So a new cluster is formed, when nothing can
 * be committed that any of them does not know.
 */
final class Campaign {
    /** What is to be done now. */
    sealed interface Outcome {}

    record Undecided() implements Outcome {}

    /**
     * The canvass succeeded, or the vote.
     *
     * @param blank those who said yes and count from now on, though they are blank
     */
    record Won(Set<Address> blank) implements Outcome {}

    /** The canvass found a voter with more in its log: it should stand. */
    record Better(String voter) implements Outcome {}

    /** @param from the life of the voter that said it */
    record Answer(Address from, boolean yes, boolean blank, LogPosition position) {}

    private final long number;
    private final boolean canvass;
    /** In a vote: who said yes in the canvass before. */
    private final Set<Address> canvassed;

    private final Map<String, Answer> answers = new HashMap<>();

    private Campaign(long number, boolean canvass, Set<Address> canvassed) {
        this.number = number;
        this.canvass = canvass;
        this.canvassed = canvassed;
    }

    static Campaign canvass(long round) {
        return new Campaign(round, true, Set.of());
    }

    /** The vote without a canvass. */
    static Campaign vote(long term) {
        return new Campaign(term, false, Set.of());
    }

    /** The vote after this canvass. */
    Campaign toVote(long term) {
        var yes = new HashSet<Address>();
        for (var each : answers.values()) {
            if (each.yes()) {
                yes.add(each.from());
            }
        }
        return new Campaign(term, false, yes);
    }

    boolean isCanvass(long round) {
        return canvass && number == round;
    }

    boolean isVote(long term) {
        return !canvass && number == term;
    }

    void answer(String voter, Answer answer) {
        answers.merge(voter, answer, (before, now) -> before.yes() ? before : now);
    }

    /**
     * @param voters as they are in the candidate's own log
     * @param forming the candidate knows of nothing that is committed
     */
    Outcome outcome(VoterSet voters, String candidate, boolean forming) {
        int counted = 0;
        var blank = new HashSet<Address>();
        var best = candidate;
        for (var each : answers.entrySet()) {
            var answer = each.getValue();
            if (!answer.yes() || !voters.contains(each.getKey())) {
                continue;
            }
            if (!answer.blank()) {
                counted++;
            } else if (canvass || canvassed.contains(answer.from())) {
                // A blank voter's former life may have voted for somebody, who would hear of that still: but not if
                // this
                // life is older than the vote.
                blank.add(answer.from());
            }
            if (canvass && answer.position().compareTo(answers.get(best).position()) > 0) {
                best = each.getKey();
            }
        }
        boolean majority = !answers.get(candidate).blank() && counted >= voters.majority();
        boolean all = forming && counted + blank.size() == voters.ids().size();
        if (!majority && !all) {
            return new Undecided();
        }
        return best.equals(candidate) ? new Won(majority ? Set.of() : blank) : new Better(best);
    }
}
