package io.odradek.raft;

/** Hears of every change of the members, one at a time and in order, on threads of the Raft stack. Must not block. */
@FunctionalInterface
public interface MembersListener {
    void onMembers(Members members);
}
