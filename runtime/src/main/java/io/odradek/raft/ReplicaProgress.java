package io.odradek.raft;

import org.jgroups.Address;

/**
 * How far a member follows the leader.
 *
 * @param matchIndex up to here its log is known to be the leader's
 * @param commitIndex what it has applied, as far as is known
 * @param lastContactMs when it answered last, on the clock of the leader; the time of its joining if it has not
 */
record ReplicaProgress(String raftId, Address address, long matchIndex, long commitIndex, long lastContactMs) {}
