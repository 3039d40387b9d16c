package io.odradek.raft;

import java.util.Optional;
import java.util.TreeMap;

/**
 * The digest of the state machine after each of the last applied entries, to compare with the leader's. All nodes apply the same
 * entries by the same function, so there is no difference; this is how we would know. Thread-safe.
 */
final class AppliedDigests {
    /** Entries that are remembered, and digests of the leader that wait for their entry. */
    static final int MAX_REMEMBERED = 4096;

    private final TreeMap<Long, Long> own = new TreeMap<>();
    private final TreeMap<Long, Long> leaders = new TreeMap<>();

    /** @return whether the leader has another digest there */
    synchronized boolean applied(long index, long digest) {
        remember(own, index, digest);
        var expected = leaders.remove(index);
        leaders.headMap(index).clear();
        return expected != null && expected != digest;
    }

    /** After the last whole entry: an image may be in the middle of one. */
    synchronized Optional<NodeMessage.Digest> latest() {
        return Optional.ofNullable(own.lastEntry()).map(last -> new NodeMessage.Digest(last.getKey(), last.getValue()));
    }

    /** The state is that of a snapshot: what was before does not count. */
    synchronized void restored(long index, long digest) {
        own.clear();
        leaders.headMap(index).clear();
        remember(own, index, digest);
    }

    /** @return whether this node has another digest there; if it is not there yet, {@link #applied} will tell */
    synchronized boolean differs(long index, long leadersDigest) {
        var digest = own.get(index);
        if (digest == null && (own.isEmpty() || index > own.lastKey())) {
            remember(leaders, index, leadersDigest);
        }
        return digest != null && digest != leadersDigest;
    }

    private static void remember(TreeMap<Long, Long> digests, long index, long digest) {
        digests.put(index, digest);
        if (digests.size() > MAX_REMEMBERED) {
            digests.pollFirstEntry();
        }
    }
}
