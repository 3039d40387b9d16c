package io.odradek.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.utils.ProducerIdAndEpoch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Producers of both client versions, two for each transactional id, against a shard that crashes, moves and is slow to send
 * its markers, which also arrive late, from a coordinator that is none any more. A failing seed replays.
 */
class TransactionSimulationTest {
    private static final int SEEDS = 150;
    private static final int STEPS = 400;
    private static final int IDS = 3;
    private static final String[] PARTITIONS = {"t-0", "t-1", "t-2"};

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aTransactionEndsOneWayEverywhere(int level) {
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                new Run(seed, (short) level).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", level " + level, e);
            }
        }
    }

    private static final class Client {
        final String id;
        ProducerIdAndEpoch me = ProducerIdAndEpoch.NONE;
        /** That it believes to be writing to; -1 if it has none. */
        long transaction = -1;

        Client(String id) {
            this.id = id;
        }
    }

    /** Markers on their way: to some of the partitions they may have come already. */
    private record Sending(PreparedTransaction transaction, Set<TopicPartition> missing) {}

    private static final class Run {
        private final Random random;
        private final short clientVersion;
        private final TransactionWorld world = new TransactionWorld();
        private final Map<TopicPartition, ModelPartition> partitions = new HashMap<>();
        private final List<Client> clients = new ArrayList<>();
        private final List<Sending> sending = new ArrayList<>();
        private final List<Sending> late = new ArrayList<>();
        /** The open or last transaction of each id, and how each one ended. */
        private final Map<String, Long> current = new HashMap<>();

        private final Map<Long, TransactionResult> outcomes = new HashMap<>();
        private final Map<String, Transaction> seen = new HashMap<>();
        private long transactions;

        Run(long seed, short level) {
            random = new Random(seed);
            world.level = level;
            clientVersion = level == 2 ? TransactionWorld.V2 : TransactionWorld.V0;
            for (var name : PARTITIONS) {
                partitions.put(TransactionWorld.partitions(name).iterator().next(), new ModelPartition());
            }
            for (int i = 0; i < IDS; i++) {
                clients.add(new Client("id" + i));
                clients.add(new Client("id" + i));
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                var client = clients.get(random.nextInt(clients.size()));
                switch (random.nextInt(20)) {
                    case 0 -> init(client);
                    case 1 -> world.advance(random.nextInt(40_000));
                    case 2 -> restart();
                    case 3, 4, 5, 6 -> deliver();
                    case 7 -> deliverLate();
                    case 8, 9, 10, 11 -> end(client);
                    default -> write(client);
                }
                look();
            }
            settle();
        }

        private void init(Client client) {
            boolean known = client.me.producerId >= 0 && random.nextInt(3) == 0;
            client.transaction = -1;
            TransactionWorld.error(() -> client.me = known ? world.init(client.id, client.me) : world.init(client.id));
        }

        private void write(Client client) {
            if (client.me.producerId < 0) {
                return;
            }
            var name = PARTITIONS[random.nextInt(PARTITIONS.length)];
            var error = TransactionWorld.error(() -> world.add(client.id, client.me, clientVersion, name));
            look();
            if (error != Errors.NONE) {
                return;
            }
            if (client.transaction != -1) {
                assertEquals(client.transaction, current.get(client.id), "it was aborted, and the producer not fenced");
            }
            client.transaction = current.get(client.id);
            var partition =
                    partitions.get(TransactionWorld.partitions(name).iterator().next());
            assertTrue(
                    partition.append(client.me.producerId, client.me.epoch, current.get(client.id)),
                    "the coordinator knew the producer, but a partition had been told of a newer one");
        }

        private void end(Client client) {
            if (client.me.producerId < 0) {
                return;
            }
            var result = random.nextBoolean() ? TransactionResult.COMMIT : TransactionResult.ABORT;
            boolean wasOpen = world.driver
                    .read(s -> s.describe(client.id))
                    .filter(t -> t.state() == TransactionState.ONGOING)
                    .isPresent();
            var error = TransactionWorld.error(() -> {
                var next = world.end(client.id, client.me, result, clientVersion);
                // One client in four misses the answer, and asks again with what it knows.
                if (clientVersion >= 2 && random.nextInt(4) > 0) {
                    client.me = next;
                }
            });
            client.transaction = -1;
            look();
            if (error == Errors.NONE && wasOpen) {
                assertEquals(result, outcomes.get(current.get(client.id)), "what the client was told");
            }
        }

        private void restart() {
            if (random.nextBoolean()) {
                world.driver.restart();
                late.addAll(sending);
            } else {
                world.driver.crash();
            }
            sending.clear();
            world.markers.clear();
            world.advance(0);
        }

        private void deliver() {
            while (!world.markers.isEmpty()) {
                var next = world.markers.poll();
                sending.add(new Sending(next, new HashSet<>(next.partitions())));
            }
            if (sending.isEmpty()) {
                return;
            }
            var next = sending.get(random.nextInt(sending.size()));
            if (!next.missing().isEmpty()) {
                var partition = next.missing().iterator().next();
                assertTrue(partitions.get(partition).end(next.transaction().marker()), "a marker was refused");
                next.missing().remove(partition);
            } else {
                sending.remove(next);
                world.driver.write(shard -> shard.complete(next.transaction()));
            }
        }

        /** Of a shard that moved on: the request was on its way. */
        private void deliverLate() {
            if (late.isEmpty()) {
                return;
            }
            var next = late.remove(random.nextInt(late.size()));
            next.missing().forEach(p -> partitions.get(p).end(next.transaction().marker()));
        }

        /** What must be true after every step. */
        private void look() {
            for (int i = 0; i < IDS; i++) {
                var id = "id" + i;
                var found = world.driver.read(s -> s.describe(id));
                if (found.isEmpty()) {
                    continue;
                }
                var now = found.get();
                var before = seen.put(id, now);
                if (before != null) {
                    assertTrue(
                            now.producerId() > before.producerId()
                                    || now.producerId() == before.producerId()
                                            && now.producerEpoch() >= before.producerEpoch(),
                            () -> "epochs went back: " + before + " to " + now);
                    if (before.state().isPrepared() && !now.state().isPrepared()) {
                        assertEquals(
                                before.state() == TransactionState.PREPARE_COMMIT
                                        ? TransactionState.COMPLETE_COMMIT
                                        : TransactionState.COMPLETE_ABORT,
                                now.state());
                    }
                }
                boolean wasOpen = before != null && before.state() == TransactionState.ONGOING;
                if (now.state() == TransactionState.ONGOING && !wasOpen) {
                    current.put(id, ++transactions);
                } else if (now.state().isPrepared() && wasOpen) {
                    outcomes.put(current.get(id), now.result());
                }
            }
            for (var partition : partitions.values()) {
                partition
                        .takeEnded()
                        .forEach((value, result) -> assertEquals(outcomes.get(value.transaction()), result));
            }
        }

        /** Nobody writes any more: everything comes to an end. */
        private void settle() {
            for (int i = 0; i < 2; i++) {
                while (!world.markers.isEmpty() || !sending.isEmpty()) {
                    deliver();
                    look();
                }
                world.advance(TransactionWorld.TIMEOUT_MS + 20_000);
                look();
            }
            while (!world.markers.isEmpty() || !sending.isEmpty()) {
                deliver();
                look();
            }
            partitions.forEach((name, p) -> assertFalse(p.hasOpen(), "hanging in " + name));
        }
    }
}
