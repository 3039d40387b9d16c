package io.odradek.checker;

import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Transactor.Ending;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Transactions that send to several logs and poll others in between, with a consumer that assigns itself its logs. */
final class Writer implements Runnable {
    private final Clients clients;
    private final Journal journal;
    private final int writer;
    private final List<TopicPartition> logs;
    private final List<TopicPartition> polled;
    private final Random random;
    private final BooleanSupplier stop;
    /** Where the consumer goes on when its logs change. */
    private final Map<TopicPartition, Long> positions = new HashMap<>();

    /**
     * @param writer a number that no other producer ever has
     * @param logs where it sends to
     * @param polled what it polls, some of them at a time
     */
    Writer(
            Clients clients,
            Journal journal,
            int writer,
            List<TopicPartition> logs,
            List<TopicPartition> polled,
            Random random,
            BooleanSupplier stop) {
        this.clients = clients;
        this.journal = journal;
        this.writer = writer;
        this.logs = logs;
        this.polled = polled;
        this.random = random;
        this.stop = stop;
    }

    @Override
    public void run() {
        journal.open();
        try (var transactor = new Transactor(clients, journal, writer, stop);
                var consumer = clients.assigned()) {
            assign(consumer);
            while (!stop.getAsBoolean()) {
                transactor.transact(transaction -> {
                    var steps = 1 + random.nextInt(5);
                    for (int i = 0; i < steps; i++) {
                        if (random.nextInt(3) == 0) {
                            poll(consumer);
                        } else {
                            var log = logs.get(random.nextInt(logs.size()));
                            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                                transaction.send(log);
                            }
                        }
                    }
                    return ending();
                });
                if (random.nextInt(100) == 0) {
                    assign(consumer);
                }
                Pause.upTo(random, 20);
            }
        }
    }

    private Ending ending() {
        return switch (random.nextInt(100)) {
            case 0 -> Ending.VANISH;
            case 1 -> Ending.FENCED;
            case 2, 3, 4, 5, 6, 7, 8, 9, 10 -> Ending.ABORT;
            default -> Ending.COMMIT;
        };
    }

    private void poll(KafkaConsumer<byte[], Long> consumer) {
        var records = consumer.poll(Duration.ofMillis(20));
        journal.poll(records);
        records.forEach(r -> positions.put(new TopicPartition(r.topic(), r.partition()), r.offset() + 1));
    }

    private void assign(KafkaConsumer<byte[], Long> consumer) {
        journal.invoke(Activity.POLL);
        var some = polled.stream().filter(l -> random.nextInt(3) > 0).toList();
        var chosen = some.isEmpty() ? polled : some;
        var fromBeginning = random.nextInt(3) == 0;
        consumer.assign(chosen);
        var sought = new HashMap<TopicPartition, Long>();
        for (var log : chosen) {
            var position = fromBeginning ? 0 : positions.getOrDefault(log, 0L);
            consumer.seek(log, position);
            sought.put(log, position);
        }
        journal.revoke(java.util.Set.copyOf(polled));
        journal.seek(sought);
        journal.complete(Outcome.OK);
    }
}
