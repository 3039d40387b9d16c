package io.odradek.raft;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Who votes and whose logs count; every other member is a learner. Immutable. */
record VoterSet(Set<String> ids) {
    VoterSet {
        ids = Set.copyOf(ids);
    }

    static VoterSet of(Collection<String> ids) {
        return new VoterSet(Set.copyOf(ids));
    }

    boolean contains(String id) {
        return ids.contains(id);
    }

    int majority() {
        return ids.size() / 2 + 1;
    }

    /** Learners and strangers among the members do not count. */
    boolean hasMajority(Collection<String> members) {
        int present = 0;
        for (var id : ids) {
            if (members.contains(id)) {
                present++;
            }
        }
        return present >= majority();
    }

    VoterSet with(String id) {
        var more = new TreeSet<>(ids);
        more.add(id);
        return new VoterSet(more);
    }

    VoterSet without(String id) {
        var fewer = new TreeSet<>(ids);
        fewer.remove(id);
        return new VoterSet(fewer);
    }

    /**
     * The last index that is in the logs of a majority. Whether it may be committed depends on its term as well (Raft §5.4.2).
     *
     * @param matches up to where each member's log is known to be the leader's, the leader's own included
     */
    long replicatedUpTo(Map<String, Long> matches) {
        var indexes = new long[ids.size()];
        int i = 0;
        for (var id : ids) {
            indexes[i++] = matches.getOrDefault(id, 0L);
        }
        Arrays.sort(indexes);
        return indexes[indexes.length - majority()];
    }
}
