/** jgroups-raft around the metadata: the replicated log, snapshots, membership, who leads. The only package that imports {@code org.jgroups}. */
package io.odradek.raft;
