package io.odradek.group.consumer;

import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What all members are to have. Immutable.
 *
 * @param epoch of the group that it was computed for
 * @param timestampMs when, wall clock; 0 if that is not known
 * @param members by member id
 */
record TargetAssignment(int epoch, long timestampMs, PMap<String, Assignment> members) {
    /** A new group's. */
    static final TargetAssignment INITIAL = new TargetAssignment(1, 0, HashTreePMap.empty());

    Assignment of(String memberId) {
        return members.getOrDefault(memberId, Assignment.NONE);
    }

    TargetAssignment at(int epoch, long timestampMs) {
        return new TargetAssignment(epoch, timestampMs, members);
    }

    TargetAssignment with(String memberId, Assignment assignment) {
        return new TargetAssignment(epoch, timestampMs, members.plus(memberId, assignment));
    }

    TargetAssignment without(String memberId) {
        return new TargetAssignment(epoch, timestampMs, members.minus(memberId));
    }
}
