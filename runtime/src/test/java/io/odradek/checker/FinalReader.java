package io.odradek.checker;

import io.odradek.checker.Clients.Protocol;
import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Outcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.common.TopicPartition;

/** Reads all there is once every client is gone, so that what is not read is lost and what is open then hangs. */
final class FinalReader {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Clients clients;
    private final Consumer<Event> sink;

    FinalReader(Clients clients, Consumer<Event> sink) {
        this.clients = clients;
        this.sink = sink;
    }

    /** Reads with a consumer that is nobody's member, after all transactions ended or should have. */
    void read(List<TopicPartition> logs) {
        var journal = new Journal("final-reader", sink);
        journal.open();
        try (var consumer = clients.assigned();
                var uncommitted = clients.uncommitted()) {
            await(() -> consumer.endOffsets(logs).equals(uncommitted.endOffsets(logs)));
            var stable = consumer.endOffsets(logs);
            var ends = uncommitted.endOffsets(logs);
            consumer.assign(logs);
            journal.invoke(Activity.POLL);
            logs.forEach(log -> consumer.seek(log, 0));
            journal.seek(logs.stream().collect(Collectors.toMap(l -> l, l -> 0L)));
            journal.complete(Outcome.OK);
            poll(journal, () -> journal.poll(consumer.poll(Duration.ofMillis(200))), () -> logs.stream()
                    .allMatch(log -> consumer.position(log) >= stable.get(log)));
            logs.forEach(log -> journal.end(log, stable.get(log), ends.get(log)));
        }
    }

    /** The same as a member of a new group, which is given all of a topic. */
    void read(String group, Protocol protocol, String topic, List<TopicPartition> logs) {
        var journal = new Journal(group, sink);
        journal.open();
        try (var member = new GroupMember(clients, journal, group, protocol, topic);
                var other = clients.assigned()) {
            var ends = other.endOffsets(logs);
            poll(
                    journal,
                    member::poll,
                    () -> member.consumer().assignment().containsAll(logs)
                            && logs.stream().allMatch(log -> member.consumer().position(log) >= ends.get(log)));
        }
    }

    private static void poll(Journal journal, Runnable poll, BooleanSupplier done) {
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(journal.process() + " does not get to the end");
            }
            journal.invoke(Activity.POLL);
            poll.run();
            journal.complete(Outcome.OK);
        }
    }

    private static void await(BooleanSupplier condition) {
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            Pause.upTo(new java.util.Random(), 200);
        }
    }

    /** Where the groups stand. */
    void positions(List<String> groups) throws InterruptedException, ExecutionException {
        try (var admin = Admin.create(Map.of("bootstrap.servers", clients.bootstrap()))) {
            for (var group : groups) {
                var journal = new Journal("final-" + group, sink);
                var since = journal.now();
                var offsets = admin.listConsumerGroupOffsets(
                                Map.of(group, new ListConsumerGroupOffsetsSpec()),
                                new ListConsumerGroupOffsetsOptions().requireStable(true))
                        .partitionsToOffsetAndMetadata(group)
                        .get();
                var positions = new HashMap<TopicPartition, Long>();
                offsets.forEach((log, offset) -> positions.put(log, offset == null ? 0 : offset.offset()));
                journal.invoke(Activity.POLL);
                journal.assign(group, since, positions);
                journal.complete(Outcome.OK);
            }
        }
    }
}
