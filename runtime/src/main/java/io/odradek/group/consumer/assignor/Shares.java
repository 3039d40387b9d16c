package io.odradek.group.consumer.assignor;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/** Who has which partitions, while that is being decided. Members are numbers, in the order of their ids. */
final class Shares {
    /** The owner of a partition that nobody has. */
    static final int NOBODY = -1;

    private final List<String> memberIds;
    private final List<TreeMap<Uuid, TreeSet<Integer>>> byMember;
    private final Map<Uuid, int[]> owners;
    private final int[] loads;

    Shares(GroupSpec group, Set<Uuid> topics) {
        memberIds = List.copyOf(group.members().keySet());
        byMember = memberIds.stream()
                .map(id -> new TreeMap<Uuid, TreeSet<Integer>>())
                .toList();
        owners = new TreeMap<>();
        for (var topic : topics) {
            var of = new int[group.partitionCounts().get(topic)];
            Arrays.fill(of, NOBODY);
            owners.put(topic, of);
        }
        loads = new int[memberIds.size()];
    }

    int members() {
        return loads.length;
    }

    /** How many partitions the member has. */
    int load(int member) {
        return loads[member];
    }

    /** Who has each of the topic's partitions. Not to be changed. */
    int[] owners(Uuid topic) {
        return owners.get(topic);
    }

    /** Whether nobody has the partition, which exists and is to be shared out. */
    boolean isFree(Uuid topic, int partition) {
        var of = owners.get(topic);
        return of != null && partition < of.length && of[partition] == NOBODY;
    }

    boolean has(Uuid topic, int member) {
        return byMember.get(member).containsKey(topic);
    }

    /** The last of the topic's partitions that the member has, of which there must be one. */
    int last(Uuid topic, int member) {
        return byMember.get(member).get(topic).last();
    }

    /** Gives a partition to a member, from whoever has it. */
    void give(Uuid topic, int partition, int member) {
        var of = owners.get(topic);
        int previous = of[partition];
        if (previous != NOBODY) {
            var left = byMember.get(previous).get(topic);
            left.remove(partition);
            if (left.isEmpty()) {
                byMember.get(previous).remove(topic);
            }
            loads[previous]--;
        }
        byMember.get(member).computeIfAbsent(topic, t -> new TreeSet<>()).add(partition);
        loads[member]++;
        of[partition] = member;
    }

    Map<String, Map<Uuid, Set<Integer>>> byMember() {
        var assignment = new LinkedHashMap<String, Map<Uuid, Set<Integer>>>();
        for (int member = 0; member < memberIds.size(); member++) {
            assignment.put(memberIds.get(member), new TreeMap<>(byMember.get(member)));
        }
        return assignment;
    }
}
