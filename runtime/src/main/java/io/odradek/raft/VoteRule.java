package io.odradek.raft;

/** Whether a node gives its vote (Raft §5.2, §5.4.1). All that it depends on must be durable before the vote is sent. */
final class VoteRule {
    private VoteRule() {}

    /**
     * @param term the voter's, already raised to the candidate's if that was higher
     * @param free whether the voter has voted for nobody else in its term and knows no leader in it
     */
    static boolean grants(long term, boolean free, LogPosition own, long candidateTerm, LogPosition candidate) {
        return candidateTerm == term && free && candidate.compareTo(own) >= 0;
    }
}
