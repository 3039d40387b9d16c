package io.odradek.raft;

import java.util.Set;

/**
 * Who is connected with this node, as it sees it at one moment. There are no heartbeats of brokers beside it: a node that
 * crashed or fell silent is missing here within the bounds of {@link FailureDetection}.
 *
 * @param nodes ids of the nodes in the present view, voters or not, with this one
 * @param activeController whether this node leads the quorum and has applied all that was committed before it did
 * @param quorum whether a majority of the voters is in view; without it nothing can be changed
 */
public record Members(Set<Integer> nodes, boolean activeController, boolean quorum) {
    public Members {
        nodes = Set.copyOf(nodes);
    }
}
