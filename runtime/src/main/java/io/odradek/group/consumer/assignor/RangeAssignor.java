package io.odradek.group.consumer.assignor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * Each topic is cut into as many ranges as it has subscribers: members get the same partitions of topics with the same
 * number of partitions, so that these can be joined. Static members come first, in the order of their instance ids, and so
 * keep their ranges when they restart.
 */
public final class RangeAssignor implements PartitionAssignor {
    private record Member(String id, MemberSpec spec) {}

    private static final Comparator<Member> ORDER = Comparator.comparing(
                    (Member m) -> m.spec().instanceId().isEmpty())
            .thenComparing(m -> m.spec().instanceId().orElse(m.id()));

    @Override
    public String name() {
        return "range";
    }

    @Override
    public Map<String, Map<Uuid, Set<Integer>>> assign(GroupSpec group) {
        var members = group.members().entrySet().stream()
                .map(e -> new Member(e.getKey(), e.getValue()))
                .sorted(ORDER)
                .toList();
        var assignment = new LinkedHashMap<String, Map<Uuid, Set<Integer>>>();
        var subscribers = new TreeMap<Uuid, List<Member>>();
        for (var member : members) {
            assignment.put(member.id(), new TreeMap<>());
            member.spec().subscribedTopics().forEach(topic -> subscribers
                    .computeIfAbsent(topic, t -> new ArrayList<>())
                    .add(member));
        }
        subscribers.forEach((topic, of) -> {
            int partitions = group.partitionCounts().get(topic);
            int quota = partitions / of.size();
            int extra = partitions % of.size();
            int start = 0;
            for (int i = 0; i < of.size() && start < partitions; i++) {
                int end = start + quota + (i < extra ? 1 : 0);
                if (end > start) {
                    assignment.get(of.get(i).id()).put(topic, range(start, end));
                }
                start = end;
            }
        });
        return assignment;
    }

    private static Set<Integer> range(int start, int end) {
        return IntStream.range(start, end).boxed().collect(Collectors.toCollection(TreeSet::new));
    }
}
