package io.odradek.raft;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jgroups.Address;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.util.ExtendedUUID;

/** What a JGroups address of ours says: a life of a node, random, with the node's id and its cluster's. */
final class NodeAddress {
    private static final byte[] CLUSTER = "cluster".getBytes(StandardCharsets.UTF_8);

    private NodeAddress() {}

    static ExtendedUUID random(int nodeId, String clusterId) {
        var id = String.valueOf(nodeId);
        return ExtendedUUID.randomUUID(id)
                .put(RAFT.raft_id_key, id.getBytes(StandardCharsets.UTF_8))
                .put(CLUSTER, clusterId.getBytes(StandardCharsets.UTF_8));
    }

    /** Empty if it is not one of ours. */
    static OptionalInt nodeId(Address address) {
        var id = address instanceof ExtendedUUID uuid ? uuid.get(RAFT.raft_id_key) : null;
        try {
            return id == null
                    ? OptionalInt.empty()
                    : OptionalInt.of(Integer.parseInt(new String(id, StandardCharsets.UTF_8)));
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    static boolean isOf(String clusterId, Address address) {
        return address instanceof ExtendedUUID uuid
                && Arrays.equals(uuid.get(CLUSTER), clusterId.getBytes(StandardCharsets.UTF_8));
    }

    /** For people. */
    static String clusterId(Address address) {
        var id = address instanceof ExtendedUUID uuid ? uuid.get(CLUSTER) : null;
        return id == null ? "none" : new String(id, StandardCharsets.UTF_8);
    }

    /** For people. */
    static String name(Address address) {
        var id = nodeId(address);
        return id.isPresent() ? "node " + id.getAsInt() : String.valueOf(address);
    }
}
