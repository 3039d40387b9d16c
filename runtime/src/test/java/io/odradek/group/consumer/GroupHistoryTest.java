package io.odradek.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.ApiException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Seeded histories of consumers that come, go, stall and crash, while topics change and coordinators fail over. */
class GroupHistoryTest {
    private static final int STEPS = 120;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void holdsAfterEachStep(int block) {
        for (int seed = block * 25; seed < (block + 1) * 25; seed++) {
            try {
                new History(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static final class History {
        private final Random random;
        private final GroupUnderTest group = new GroupUnderTest();
        private final List<FakeConsumer> consumers = new ArrayList<>();
        private final List<String> topics = new ArrayList<>(List.of("t0", "t1", "r2"));
        private final Map<String, Integer> epochs = new HashMap<>();
        private int groupEpoch;
        private int ids;

        History(int seed) {
            random = new Random(seed);
            topics.forEach(topic -> group.createTopic(topic, 1 + random.nextInt(5)));
            group.set("group.consumer.assignment.interval.ms", String.valueOf(random.nextInt(2) * 1000));
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step();
                check();
            }
            converge();
        }

        private void step() {
            switch (random.nextInt(14)) {
                case 0 -> add();
                case 1 -> any().ifPresent(this::leave);
                // A crash: it is not heard of any more.
                case 2 -> any().ifPresent(consumers::remove);
                case 3 -> any().ifPresent(c -> attempt(c, () -> c.resubscribe(someTopics())));
                case 4 -> any().ifPresent(c -> c.reluctant = !c.reluctant);
                case 5 -> changeTopics();
                case 6 -> failOver();
                case 7 -> group.driver.advance(random.nextInt(20_000));
                case 8 -> any().filter(c -> c.instanceId.isPresent()).ifPresent(this::restartStatic);
                default -> any().ifPresent(c -> attempt(c, c::beat));
            }
        }

        private Optional<FakeConsumer> any() {
            return consumers.isEmpty()
                    ? Optional.empty()
                    : Optional.of(consumers.get(random.nextInt(consumers.size())));
        }

        private void add() {
            if (consumers.size() >= 5) {
                return;
            }
            var consumer = new FakeConsumer(group, "m" + ids++);
            if (random.nextInt(3) == 0) {
                consumer.subscribeRegex(random.nextBoolean() ? "t.*" : "r.*");
            } else {
                consumer.subscribe(someTopics());
            }
            if (random.nextInt(3) == 0) {
                consumer.as("i" + ids);
            }
            consumer.assignor = random.nextInt(3) == 0 ? "range" : null;
            consumers.add(consumer);
            attempt(consumer, consumer::join);
        }

        private String[] someTopics() {
            return topics.stream().filter(t -> random.nextBoolean()).toArray(String[]::new);
        }

        private void leave(FakeConsumer consumer) {
            consumers.remove(consumer);
            attempt(consumer, consumer::leave);
        }

        private void restartStatic(FakeConsumer old) {
            consumers.remove(old);
            attempt(old, old::leaveForAWhile);
            var next = new FakeConsumer(group, "m" + ids++)
                    .subscribe(old.topics.toArray(String[]::new))
                    .subscribeRegex(old.regex)
                    .as(old.instanceId.orElseThrow());
            consumers.add(next);
            attempt(next, next::join);
        }

        /** As a client: whoever is fenced or unknown starts anew. */
        private void attempt(FakeConsumer consumer, Runnable request) {
            try {
                request.run();
            } catch (ApiException e) {
                if (consumers.contains(consumer)) {
                    consumer.owned.clear();
                    try {
                        consumer.join();
                    } catch (ApiException stillThere) {
                        // A static member whose instance id somebody else has.
                        consumers.remove(consumer);
                    }
                }
            }
        }

        private void changeTopics() {
            int choice = random.nextInt(3);
            if (choice == 0 && topics.size() < 6) {
                var name = (random.nextBoolean() ? "t" : "r") + (100 + ids++);
                topics.add(name);
                group.createTopic(name, 1 + random.nextInt(4));
            } else if (choice == 1 && topics.size() > 1) {
                group.deleteTopic(topics.remove(random.nextInt(topics.size())));
            } else {
                var name = topics.get(random.nextInt(topics.size()));
                int id = group.driver
                        .image()
                        .topics()
                        .byName(name)
                        .orElseThrow()
                        .partitions()
                        .size();
                if (id < 8) {
                    group.addPartitions(name, id + 1);
                }
            }
        }

        private void failOver() {
            var before = group.group();
            if (random.nextBoolean()) {
                group.driver.restart();
            } else {
                group.driver.crash();
            }
            assertEquals(before, group.group());
        }

        private void check() {
            group.group().ifPresent(now -> {
                assertTrue(now.epoch() >= groupEpoch, "group epoch");
                groupEpoch = now.epoch();
                assertTrue(now.target().epoch() <= now.epoch(), "target epoch");
                var all = new HashSet<String>();
                group.owners()
                        .forEach((member, partitions) ->
                                partitions.forEach(p -> assertTrue(all.add(p), () -> p + " is owned twice")));
                now.members().forEach((id, member) -> {
                    int before = epochs.getOrDefault(id, Integer.MIN_VALUE);
                    assertTrue(
                            member.epoch() >= before || member.epoch() <= 0 || before == CurrentAssignment.AWAY,
                            "member epoch of " + id);
                    epochs.put(id, member.epoch());
                    member.current()
                            .assigned()
                            .epochs()
                            .forEach((topic, of) -> of.forEach((p, epoch) -> {
                                assertEquals(Optional.of(id), now.owners().of(topic, p));
                                assertTrue(epoch <= Math.max(0, member.epoch()), "assignment epoch");
                            }));
                });
                assertEquals(count(now), all.size());
            });
            checkClients();
        }

        private static int count(ConsumerGroup group) {
            return group.owners().members().values().stream()
                    .mapToInt(Map::size)
                    .sum();
        }

        /** No two consumers that are in the group work on the same partition, whatever was lost on the way. */
        private void checkClients() {
            var all = new HashSet<String>();
            for (var consumer : consumers) {
                boolean isMember = group.group()
                        .flatMap(g -> g.member(consumer.memberId))
                        .filter(m -> m.epoch() > 0)
                        .isPresent();
                if (isMember) {
                    consumer.owns().forEach(p -> assertTrue(all.add(p), () -> "two work on " + p));
                }
            }
        }

        /** When all is quiet, all partitions are assigned. */
        private void converge() {
            for (int round = 0; round < 30; round++) {
                for (var consumer : List.copyOf(consumers)) {
                    consumer.reluctant = false;
                    attempt(consumer, consumer::beat);
                }
                group.driver.advance(5_000);
                check();
            }
            if (consumers.isEmpty()) {
                return;
            }
            assertEquals(GroupState.STABLE, group.existing().state());
            var owned = new TreeSet<String>();
            consumers.forEach(c -> owned.addAll(c.owns()));
            assertEquals(expected(), owned);
            for (var consumer : consumers) {
                assertEquals(group.owners().get(consumer.memberId), consumer.owns());
            }
        }

        private Set<String> expected() {
            var partitions = new TreeSet<String>();
            for (var name : topics) {
                boolean wanted = consumers.stream()
                        .anyMatch(c -> c.topics.contains(name) || !c.regex.isEmpty() && name.matches(c.regex));
                int count = group.driver
                        .image()
                        .topics()
                        .byName(name)
                        .orElseThrow()
                        .partitions()
                        .size();
                for (int p = 0; wanted && p < count; p++) {
                    partitions.add(name + "-" + p);
                }
            }
            return partitions;
        }
    }
}
