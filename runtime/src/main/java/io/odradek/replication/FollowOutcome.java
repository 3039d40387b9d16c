package io.odradek.replication;

/** What a follower makes of a leader's answer. */
enum FollowOutcome {
    /** It goes on from its position, which may be another one now. */
    GO_ON,
    /** Something is wrong that may pass: not yet known to be the leader, a batch that came broken. */
    BACK_OFF,
    /** Its log is broken; there is nothing to do until the metadata or an operator changes that. */
    STOP
}
