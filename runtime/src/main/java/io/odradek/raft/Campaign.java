package io.odradek.raft;

import java.util.HashMap;
import java.util.Map;

/**
 * One attempt of a node to become leader, in two stages: a canvass, which binds nobody and asks whether an election is wanted and
 * who should stand (Raft dissertation §9.6), and the vote. Answers of another attempt do not count; nor does a second answer
 * of the same voter, unless it has come round to a yes.
 */
final class Campaign {
    /** What is to be done now. */
    sealed interface Outcome {}

    record Undecided() implements Outcome {}

    /** The canvass succeeded, or the vote. */
    record Won() implements Outcome {}

    /** The canvass found a voter with more in its log: it should stand. */
    record Better(String voter) implements Outcome {}

    private record Answer(boolean yes, LogPosition position) {}

    private final long number;
    private final boolean canvass;
    private final Map<String, Answer> answers = new HashMap<>();

    private Campaign(long number, boolean canvass) {
        this.number = number;
        this.canvass = canvass;
    }

    static Campaign canvass(long round) {
        return new Campaign(round, true);
    }

    static Campaign vote(long term) {
        return new Campaign(term, false);
    }

    boolean isCanvass(long round) {
        return canvass && number == round;
    }

    boolean isVote(long term) {
        return !canvass && number == term;
    }

    void answer(String voter, boolean yes, LogPosition position) {
        answers.merge(voter, new Answer(yes, position), (before, now) -> before.yes() ? before : now);
    }

    /** @param voters as they are in the candidate's own log */
    Outcome outcome(VoterSet voters, String candidate) {
        int yes = 0;
        var best = candidate;
        for (var each : answers.entrySet()) {
            if (each.getValue().yes() && voters.contains(each.getKey())) {
                yes++;
                if (canvass
                        && each.getValue()
                                        .position()
                                        .compareTo(answers.get(best).position())
                                > 0) {
                    best = each.getKey();
                }
            }
        }
        if (yes < voters.majority()) {
            return new Undecided();
        }
        return best.equals(candidate) ? new Won() : new Better(best);
    }
}
