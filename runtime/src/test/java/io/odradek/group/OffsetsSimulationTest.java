package io.odradek.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.common.requests.TransactionResult;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens to offsets, in whatever order, restarts and compaction included: clients see what a plain model says. A
 * seed that fails is in the name of the test, and fails again.
 */
class OffsetsSimulationTest {
    private static final List<String> GROUPS = List.of("g1", "g2");
    private static final List<String> TOPICS = List.of("t1", "t2");
    private static final int PARTITIONS = 2;
    private static final long RETENTION_MS = 60_000;
    private static final int STEPS = 400;

    private record Key(String group, String topic, int partition) {}

    /** @param written the number of the step that wrote it */
    private record Commit(long written, long offset, long timestampMs) {}

    private final OffsetsUnderTest shard = new OffsetsUnderTest(
            Map.of("offsets.retention.minutes", "1", "offsets.retention.check.interval.ms", "1000"));
    private final Map<Key, Commit> committed = new HashMap<>();
    private final Map<Long, Map<Key, Commit>> pending = new TreeMap<>();
    private final Set<String> groups = new HashSet<>();
    private Random random;
    private long step;

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void clientsSeeWhatTheModelSays(long seed) {
        random = new Random(seed);
        TOPICS.forEach(shard::topic);
        for (step = 0; step < STEPS; step++) {
            act();
            check();
        }
    }

    private void act() {
        var key = new Key(pick(GROUPS), pick(TOPICS), random.nextInt(PARTITIONS));
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> commit(key);
            case 3, 4 -> commitInTransaction(random.nextInt(3), key);
            case 5 -> end(random.nextInt(3), TransactionResult.COMMIT);
            case 6 -> end(random.nextInt(3), TransactionResult.ABORT);
            case 7 -> delete(key);
            case 8 -> pass(random.nextInt(30_000));
            case 9 -> {
                shard.driver.compact();
                shard.driver.crash();
                restartChecks();
            }
            case 10 -> {
                if (random.nextInt(4) == 0) {
                    deleteTopic(key.topic());
                } else {
                    shard.driver.restart();
                    restartChecks();
                }
            }
            default -> {
                if (random.nextInt(4) == 0) {
                    deleteGroup(key.group());
                }
            }
        }
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private Commit next() {
        return new Commit(step, random.nextInt(1000), shard.driver.clock().milliseconds());
    }

    private void commit(Key key) {
        var commit = next();
        shard.commit(key.group(), key.topic(), key.partition(), commit.offset());
        committed.put(key, commit);
        groups.add(key.group());
    }

    private void commitInTransaction(long producerId, Key key) {
        var commit = next();
        shard.commitInTransaction(producerId, key.group(), key.topic(), key.partition(), commit.offset());
        pending.computeIfAbsent(producerId, p -> new HashMap<>()).put(key, commit);
        groups.add(key.group());
    }

    private void end(long producerId, TransactionResult result) {
        shard.end(producerId, result);
        var offsets = pending.remove(producerId);
        if (offsets != null && result == TransactionResult.COMMIT) {
            offsets.forEach((key, commit) -> committed.merge(key, commit, (a, b) -> a.written() > b.written() ? a : b));
        }
    }

    private void delete(Key key) {
        if (groups.contains(key.group())) {
            shard.delete(key.group(), key.topic(), key.partition());
            forget(key);
        }
    }

    private void forget(Key key) {
        committed.remove(key);
        pending.values().forEach(offsets -> offsets.remove(key));
    }

    private void deleteGroup(String group) {
        shard.driver.write(s -> s.delete(group));
        committed.keySet().removeIf(key -> key.group().equals(group));
        pending.values()
                .forEach(offsets -> offsets.keySet().removeIf(key -> key.group().equals(group)));
        groups.remove(group);
    }

    private void deleteTopic(String topic) {
        shard.deleteTopic(topic);
        shard.topic(topic);
        shard.driver.advance(0);
        committed.keySet().removeIf(key -> key.topic().equals(topic));
        pending.values()
                .forEach(offsets -> offsets.keySet().removeIf(key -> key.topic().equals(topic)));
    }

    /** The check of the shard is due once a second since it was loaded: a second more than the retention is enough. */
    private void pass(long ms) {
        shard.driver.advance(ms);
        expire();
    }

    /** Follows what the shard has let expire; that it was neither too early nor too late is checked here. */
    private void expire() {
        long nowMs = shard.driver.clock().milliseconds();
        for (var key : List.copyOf(committed.keySet())) {
            long ageMs = nowMs - committed.get(key).timestampMs();
            boolean gone = !shard.fetchAll(key.group(), false).containsKey(key.topic() + "-" + key.partition());
            if (isPending(key)) {
                assertEquals(false, gone, () -> key + " is pending at step " + step);
            } else if (ageMs < RETENTION_MS) {
                assertEquals(false, gone, () -> key + " is too young at step " + step);
            } else if (gone) {
                committed.remove(key);
            } else {
                assertEquals(true, ageMs < RETENTION_MS + 31_000, () -> key + " is too old at step " + step);
            }
        }
        groups.clear();
        shard.driver.shard().groups().all().forEach(group -> groups.add(group.groupId()));
    }

    private boolean isPending(Key key) {
        return pending.values().stream().anyMatch(offsets -> offsets.containsKey(key));
    }

    /** A simple group without offsets is in no record: it may be gone after a restart. */
    private void restartChecks() {
        groups.clear();
        shard.driver.shard().groups().all().forEach(group -> groups.add(group.groupId()));
    }

    private void check() {
        for (var group : GROUPS) {
            var all = new TreeMap<String, Long>();
            var stable = new TreeMap<String, Long>();
            for (var topic : TOPICS) {
                IntStream.range(0, PARTITIONS).forEach(partition -> {
                    var key = new Key(group, topic, partition);
                    if (committed.containsKey(key)) {
                        var offset = committed.get(key).offset();
                        all.put(topic + "-" + partition, offset);
                        stable.put(topic + "-" + partition, isPending(key) ? -2 : offset);
                    }
                });
            }
            assertEquals(all, shard.fetchAll(group, false), () -> "step " + step + ", " + group);
            assertEquals(stable, shard.fetchAll(group, true), () -> "step " + step + ", " + group);
        }
    }
}
