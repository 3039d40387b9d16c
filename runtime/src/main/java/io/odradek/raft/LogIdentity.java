package io.odradek.raft;

/** Whose log it is; stands in the header of every file, so that a file that strayed from another node is recognised. */
record LogIdentity(String clusterId, int nodeId) {}
