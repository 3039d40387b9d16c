/**
 * Classic groups, whose members agree among themselves who reads what: JoinGroup gathers the members of a generation and
 * picks a protocol that all of them know, one of them, the leader, makes the assignment, SyncGroup hands it out. Also
 * groups without members, which are there for their offsets alone.
 *
 * <p>The state machine is split by what happens: {@code Joining}, {@code Syncing}, {@code Leaving}, {@code Rebalances},
 * {@code Sessions}; {@code ClassicGroup} is the state, {@code ClassicGroups} finds who answers. The log holds only groups
 * that are stable or empty. Everything between is soft: after a failover members find their generation again, or join
 * anew.
 */
package io.odradek.group.classic;
