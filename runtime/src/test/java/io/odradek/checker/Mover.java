package io.odradek.checker;

import io.odradek.checker.Clients.Protocol;
import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Transactor.Ending;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.KafkaException;

/**
 * Consumes, writes, and commits what it consumed in the same transaction, as Kafka Streams does with
 * {@code exactly_once_v2}.
 */
final class Mover implements Runnable {
    private final Clients clients;
    private final Journal journal;
    private final int writer;
    private final String group;
    private final Protocol protocol;
    private final Random random;
    private final BooleanSupplier stop;

    Mover(
            Clients clients,
            Journal journal,
            int writer,
            String group,
            Protocol protocol,
            Random random,
            BooleanSupplier stop) {
        this.clients = clients;
        this.journal = journal;
        this.writer = writer;
        this.group = group;
        this.protocol = protocol;
        this.random = random;
        this.stop = stop;
    }

    @Override
    public void run() {
        try (var transactor = new Transactor(clients, journal, writer, stop)) {
            while (!stop.getAsBoolean()) {
                journal.open();
                try (var member = new GroupMember(clients, journal, group, protocol, Workload.FROM)) {
                    move(transactor, member);
                } catch (KafkaException e) {
                    // A new consumer asks the group anew.
                    Pause.upTo(random, 200);
                }
            }
        }
    }

    private void move(Transactor transactor, GroupMember member) {
        while (!stop.getAsBoolean() && random.nextInt(200) != 0) {
            var outcome = transactor.transact(transaction -> {
                var records = member.poll();
                if (records.isEmpty()) {
                    return Ending.NOTHING;
                }
                records.forEach(r -> transaction.send(Workload.MOVED.get(random.nextInt(Workload.MOVED.size()))));
                transaction.offsets(member.consumer().groupMetadata(), GroupMember.after(records));
                return random.nextInt(10) == 0 ? Ending.ABORT : Ending.COMMIT;
            });
            if (outcome == Outcome.INFO) {
                return;
            }
            if (outcome == Outcome.FAIL) {
                journal.invoke(Activity.POLL);
                member.rewind();
                journal.complete(Outcome.OK);
            }
            Pause.upTo(random, 30);
        }
    }
}
