package io.odradek.group.consumer.assignor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionAssignorTest {
    private static final PartitionAssignor UNIFORM = new UniformAssignor();
    private static final PartitionAssignor RANGE = new RangeAssignor();

    private static Uuid topic(int n) {
        return new Uuid(7, n);
    }

    private static MemberSpec member(Map<Uuid, Set<Integer>> assigned, Uuid... topics) {
        return new MemberSpec(Optional.empty(), Set.of(topics), assigned);
    }

    @Test
    void nobodyGetsNothing() {
        for (var assignor : PartitionAssignor.ALL) {
            assertEquals(Map.of(), assignor.assign(new GroupSpec(Map.of(), Map.of())));
        }
    }

    @Test
    void whoIsSubscribedToNothingGetsNothing() {
        for (var assignor : PartitionAssignor.ALL) {
            assertEquals(
                    Map.of("a", Map.of()), assignor.assign(new GroupSpec(Map.of("a", member(Map.of())), Map.of())));
        }
    }

    @Test
    void rangesAreContiguousAndTheFirstGetTheRest() {
        var group = new GroupSpec(
                Map.of(
                        "a", member(Map.of(), topic(1), topic(2)),
                        "b", member(Map.of(), topic(1), topic(2)),
                        "c", member(Map.of(), topic(1))),
                Map.of(topic(1), 7, topic(2), 3));
        assertEquals(
                Map.of(
                        "a", Map.of(topic(1), Set.of(0, 1, 2), topic(2), Set.of(0, 1)),
                        "b", Map.of(topic(1), Set.of(3, 4), topic(2), Set.of(2)),
                        "c", Map.of(topic(1), Set.of(5, 6))),
                RANGE.assign(group));
    }

    @Test
    void staticMembersKeepTheirRangesUnderNewIds() {
        var spec = Map.of(topic(1), 4);
        var before = RANGE.assign(new GroupSpec(
                Map.of(
                        "z", new MemberSpec(Optional.of("one"), Set.of(topic(1)), Map.of()),
                        "a", new MemberSpec(Optional.of("two"), Set.of(topic(1)), Map.of())),
                spec));
        var after = RANGE.assign(new GroupSpec(
                Map.of(
                        "b", new MemberSpec(Optional.of("one"), Set.of(topic(1)), Map.of()),
                        "y", new MemberSpec(Optional.of("two"), Set.of(topic(1)), Map.of())),
                spec));
        assertEquals(before.get("z"), after.get("b"));
        assertEquals(before.get("a"), after.get("y"));
    }

    @Test
    void oneMoreMemberTakesNoMoreThanItsShare() {
        var partitions = Map.of(topic(1), 6);
        var two = UNIFORM.assign(
                new GroupSpec(Map.of("a", member(Map.of(), topic(1)), "b", member(Map.of(), topic(1))), partitions));
        var three = UNIFORM.assign(new GroupSpec(
                Map.of(
                        "a", member(two.get("a"), topic(1)),
                        "b", member(two.get("b"), topic(1)),
                        "c", member(Map.of(), topic(1))),
                partitions));
        for (var old : List.of("a", "b")) {
            assertTrue(two.get(old).get(topic(1)).containsAll(three.get(old).get(topic(1))));
        }
        assertEquals(2, three.get("c").get(topic(1)).size());
    }

    /** In a chain of overlapping subscriptions, partitions must move on through members in the middle. */
    @Test
    void differentSubscriptionsAreEvenedOut() {
        var assignment = UNIFORM.assign(new GroupSpec(
                Map.of(
                        "a", member(Map.of(), topic(1)),
                        "b", member(Map.of(), topic(1), topic(2)),
                        "c", member(Map.of(), topic(2)),
                        "d", member(Map.of())),
                Map.of(topic(1), 10, topic(2), 20)));
        assertEquals(0, size(assignment.get("d")));
        assertEquals(30, size(assignment.get("a")) + size(assignment.get("b")) + size(assignment.get("c")));
        for (var member : List.of("a", "b", "c")) {
            assertTrue(Math.abs(10 - size(assignment.get(member))) <= 1, () -> assignment.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anyGroupAtAnyTime(boolean sameSubscriptions) {
        for (long seed = 0; seed < 400; seed++) {
            history(seed, sameSubscriptions);
        }
    }

    /** Members come and go and change their subscriptions, topics grow and vanish: what holds after each step. */
    private static void history(long seed, boolean sameSubscriptions) {
        var random = new Random(seed);
        Map<Uuid, Integer> partitions = new HashMap<>();
        Map<String, Map<Uuid, Set<Integer>>> assignment = new TreeMap<>();
        Map<String, Set<Uuid>> subscriptions = new TreeMap<>();
        Set<Uuid> common = Set.of();
        for (int step = 0; step < 12; step++) {
            for (int t = 0; t < 4; t++) {
                if (random.nextInt(4) == 0) {
                    partitions.put(topic(t), 1 + random.nextInt(12));
                } else if (random.nextInt(8) == 0) {
                    partitions.remove(topic(t));
                }
            }
            var existing = partitions.keySet();
            common = some(random, existing);
            for (int m = 0; m < 6; m++) {
                var id = "m" + m;
                if (random.nextInt(3) == 0) {
                    subscriptions.remove(id);
                } else if (random.nextInt(2) == 0) {
                    subscriptions.put(id, some(random, existing));
                }
            }
            if (sameSubscriptions) {
                var same = common;
                subscriptions.replaceAll((id, topics) -> same);
            }
            subscriptions.replaceAll(
                    (id, topics) -> topics.stream().filter(existing::contains).collect(Collectors.toSet()));
            var before = assignment;
            var members = new LinkedHashMap<String, MemberSpec>();
            subscriptions.forEach((id, topics) ->
                    members.put(id, new MemberSpec(Optional.empty(), topics, before.getOrDefault(id, Map.of()))));
            var group = new GroupSpec(members, Map.copyOf(partitions));
            var what = "seed " + seed + ", step " + step + ": " + group;
            for (var assignor : PartitionAssignor.ALL) {
                var next = assignor.assign(group);
                checkComplete(group, next, assignor.name() + ", " + what);
                assertEquals(next, assignor.assign(shuffled(group, random)), "the same again: " + what);
            }
            assignment = UNIFORM.assign(group);
            if (sameSubscriptions) {
                checkBalanced(assignment, what);
                checkSticky(group, assignment, what);
            }
            // Nothing has changed, so nothing moves.
            var settled = new HashMap<String, MemberSpec>();
            var now = assignment;
            group.members()
                    .forEach((id, spec) ->
                            settled.put(id, new MemberSpec(Optional.empty(), spec.subscribedTopics(), now.get(id))));
            assertEquals(now, UNIFORM.assign(new GroupSpec(settled, group.partitionCounts())), what);
        }
    }

    private static Set<Uuid> some(Random random, Set<Uuid> of) {
        return new TreeSet<>(of).stream().filter(t -> random.nextBoolean()).collect(Collectors.toSet());
    }

    private static GroupSpec shuffled(GroupSpec group, Random random) {
        var ids = new ArrayList<>(group.members().keySet());
        Collections.shuffle(ids, random);
        var members = new LinkedHashMap<String, MemberSpec>();
        ids.forEach(id -> members.put(id, group.members().get(id)));
        return new GroupSpec(members, group.partitionCounts());
    }

    /** Every partition that somebody is subscribed to has one owner, who is subscribed to it. */
    private static void checkComplete(GroupSpec group, Map<String, Map<Uuid, Set<Integer>>> assignment, String what) {
        assertEquals(group.members().keySet(), assignment.keySet(), what);
        var owned = new HashSet<String>();
        assignment.forEach((id, topics) -> topics.forEach((topic, partitions) -> {
            assertTrue(group.members().get(id).subscribedTopics().contains(topic), what);
            partitions.forEach(p -> assertTrue(owned.add(topic + "-" + p), () -> p + " twice, " + what));
        }));
        var wanted = new HashSet<String>();
        group.members().values().forEach(spec -> spec.subscribedTopics()
                .forEach(topic -> IntStream.range(0, group.partitionCounts().get(topic))
                        .forEach(p -> wanted.add(topic + "-" + p))));
        assertEquals(wanted, owned, what);
    }

    private static void checkBalanced(Map<String, Map<Uuid, Set<Integer>>> assignment, String what) {
        var sizes = assignment.values().stream()
                .mapToInt(PartitionAssignorTest::size)
                .summaryStatistics();
        assertTrue(sizes.getCount() == 0 || sizes.getMax() - sizes.getMin() <= 1, () -> what + " -> " + assignment);
    }

    /** No more partitions move than balance asks for: each member keeps all it may. */
    private static void checkSticky(GroupSpec group, Map<String, Map<Uuid, Set<Integer>>> assignment, String what) {
        int members = Math.max(1, group.members().size());
        int total = assignment.values().stream()
                .mapToInt(PartitionAssignorTest::size)
                .sum();
        int kept = 0;
        int keepable = 0;
        int extras = total % members;
        for (var entry : group.members().entrySet()) {
            var valid = new HashSet<String>();
            entry.getValue().assigned().forEach((topic, partitions) -> partitions.stream()
                    .filter(p -> entry.getValue().subscribedTopics().contains(topic)
                            && p < group.partitionCounts().get(topic))
                    .forEach(p -> valid.add(topic + "-" + p)));
            keepable += Math.min(valid.size(), total / members);
            if (valid.size() > total / members && extras > 0) {
                extras--;
                keepable++;
            }
            assignment
                    .get(entry.getKey())
                    .forEach((topic, partitions) -> partitions.forEach(p -> valid.remove(topic + "-" + p)));
            kept += entry.getValue().assigned().entrySet().stream()
                            .filter(e -> entry.getValue().subscribedTopics().contains(e.getKey()))
                            .mapToInt(e -> (int) e.getValue().stream()
                                    .filter(p -> p < group.partitionCounts().get(e.getKey()))
                                    .count())
                            .sum()
                    - valid.size();
        }
        assertEquals(keepable, kept, what + " -> " + assignment);
    }

    private static int size(Map<Uuid, Set<Integer>> assignment) {
        return assignment.values().stream().mapToInt(Set::size).sum();
    }
}
