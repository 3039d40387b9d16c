package io.odradek.checker;

import io.odradek.checker.Clients.Protocol;
import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads committed records without transactions of its own. */
final class Reader {
    private final Clients clients;
    private final Journal journal;
    private final Random random;
    private final BooleanSupplier stop;

    Reader(Clients clients, Journal journal, Random random, BooleanSupplier stop) {
        this.clients = clients;
        this.journal = journal;
        this.random = random;
        this.stop = stop;
    }

    /** Follows all logs from their beginning, as nobody's member; seldom with a new consumer. */
    void follow(List<TopicPartition> logs) {
        while (!stop.getAsBoolean()) {
            journal.open();
            try (var consumer = clients.assigned()) {
                consumer.assign(logs);
                journal.invoke(Activity.POLL);
                logs.forEach(log -> consumer.seek(log, 0));
                journal.seek(logs.stream().collect(Collectors.toMap(l -> l, l -> 0L)));
                journal.complete(Outcome.OK);
                while (!stop.getAsBoolean() && random.nextInt(500) != 0) {
                    journal.invoke(Activity.POLL);
                    journal.poll(consumer.poll(Duration.ofMillis(100)));
                    journal.complete(Outcome.OK);
                }
            } catch (KafkaException e) {
                Pause.upTo(random, 200);
            }
        }
    }

    /** As a member of a group that commits what it has read. */
    void subscribe(String group, Protocol protocol, String topic) {
        while (!stop.getAsBoolean()) {
            journal.open();
            try (var member = new GroupMember(clients, journal, group, protocol, topic)) {
                while (!stop.getAsBoolean() && random.nextInt(100) != 0) {
                    pollAndCommit(member, group);
                }
            } catch (KafkaException e) {
                Pause.upTo(random, 200);
            }
        }
    }

    private void pollAndCommit(GroupMember member, String group) {
        journal.invoke(Activity.POLL);
        var records = member.poll();
        if (records.isEmpty()) {
            journal.complete(Outcome.OK);
            return;
        }
        var positions = GroupMember.after(records);
        journal.offsets(group, positions);
        try {
            member.consumer().commitSync(positions);
            journal.complete(Outcome.OK);
        } catch (KafkaException e) {
            journal.complete(Outcome.INFO);
        }
    }
}
