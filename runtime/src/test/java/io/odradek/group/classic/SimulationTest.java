package io.odradek.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Members that come, leave, die, restart and change, with coordinators that fail over, all at random from a seed. After
 * each step no partition belongs to two members whose heartbeats are well; when all is quiet, the group is stable again.
 */
class SimulationTest {
    private static final int STEPS = 1500;
    private static final int MAX_MEMBERS = 12;

    private final TestGroup group = new TestGroup();
    private final List<TestMember> members = new ArrayList<>();
    private int instances;
    private Random random = new Random();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void noPartitionHasTwoOwners(long seed) {
        random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            somethingHappens();
            check("seed " + seed + ", step " + step);
        }
        quiet("seed " + seed);
    }

    private void somethingHappens() {
        int dice = random.nextInt(100);
        if (dice < 5 && members.size() < MAX_MEMBERS) {
            members.add(newcomer());
        } else if (dice < 7 && !members.isEmpty()) {
            var leaver = members.remove(random.nextInt(members.size()));
            if (!leaver.id().isEmpty()) {
                group.leave(leaver.id());
            }
        } else if (dice < 9 && !members.isEmpty()) {
            // It dies, and its session has to end.
            members.remove(random.nextInt(members.size()));
        } else if (dice < 12 && !members.isEmpty()) {
            restart(random.nextInt(members.size()));
        } else if (dice < 14 && !members.isEmpty()) {
            pick().metadata(new byte[] {(byte) random.nextInt()}).changed();
        } else if (dice < 15) {
            failover();
        } else if (dice < 45) {
            group.advance(random.nextInt(2000));
        } else if (!members.isEmpty()) {
            pick().act();
        }
    }

    private TestMember newcomer() {
        // After a failover only the chosen protocol is known of a member, so it has to be the one that all know.
        var member = random.nextBoolean() ? group.member() : group.member().protocols("range", "sticky");
        return random.nextInt(3) == 0 ? member.instance("instance-" + instances++) : member;
    }

    private TestMember pick() {
        return members.get(random.nextInt(members.size()));
    }

    private void restart(int index) {
        members.set(index, members.get(index).restarted());
    }

    private void failover() {
        if (random.nextBoolean()) {
            group.driver.restart();
        } else {
            group.driver.crash();
            members.forEach(TestMember::connectionLost);
        }
    }

    /** Owners in good standing: the coordinator knows them in its generation, so they would be let commit. */
    private void check(String where) {
        if (group.found().isEmpty() || group.state() != GroupState.STABLE) {
            return;
        }
        var owners = new HashMap<Integer, TestMember>();
        for (var member : members) {
            boolean inGoodStanding = member.isStable()
                    && member.generation() == group.generation()
                    && group.group().member(member.id()).isPresent();
            if (inGoodStanding) {
                for (int partition : member.partitions()) {
                    var other = owners.put(partition, member);
                    assertTrue(other == null, where + ": " + partition + " belongs to " + other + " and " + member);
                }
            }
        }
        assertEquals(group.group().pendingSyncs().isEmpty(), !timerIsSet("classic-sync-"), where);
    }

    private boolean timerIsSet(String prefix) {
        return group.driver.timers().stream().anyMatch(key -> key.startsWith(prefix));
    }

    /** Nothing happens any more but that members do what they do. */
    private void quiet(String where) {
        members.add(group.member());
        members.removeIf(TestMember::isFenced);
        for (int i = 0; i < 2000; i++) {
            members.forEach(TestMember::act);
            group.advance(100);
        }
        assertTrue(members.stream().allMatch(TestMember::isStable), where + ": " + group.state() + " " + members);
        assertEquals(GroupState.STABLE, group.state(), where);
        var ids = new TreeSet<String>();
        group.group().members().forEach(member -> ids.add(member.memberId()));
        var expected = new TreeSet<String>();
        members.forEach(member -> expected.add(member.id()));
        assertEquals(expected, ids, where);
        var partitions = new TreeSet<Integer>();
        members.forEach(member -> partitions.addAll(member.partitions()));
        assertEquals(TestMember.PARTITIONS, partitions.size(), where);
        members.forEach(member -> assertEquals(Errors.NONE, member.heartbeat(), where));
        // A session each, and nothing else that is waited for.
        assertEquals(members.size(), group.driver.timers().size(), where + group.driver.timers());

        var before = group.groups().describe(TestGroup.ID);
        group.driver.restart();
        assertEquals(before, group.groups().describe(TestGroup.ID), where);
    }
}
