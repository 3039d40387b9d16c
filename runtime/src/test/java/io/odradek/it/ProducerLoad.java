package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Idempotent producers that send to all partitions of a topic until they are told to stop, each into a history. */
public final class ProducerLoad implements AutoCloseable {
    private final String bootstrap;
    private final String topic;
    private final int partitions;
    private final History history;
    /** Records that a producer sends before it pauses. */
    private final int burst;

    private final int pauseMs;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicBoolean stop = new AtomicBoolean();

    /** @param burst records that a producer sends before it pauses for a millisecond */
    ProducerLoad(String bootstrap, String topic, int partitions, History history, int burst) {
        this(bootstrap, topic, partitions, history, burst, 1);
    }

    /** @param burst records that a producer sends before it pauses */
    public ProducerLoad(String bootstrap, String topic, int partitions, History history, int burst, int pauseMs) {
        this.burst = burst;
        this.pauseMs = pauseMs;
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.partitions = partitions;
        this.history = history;
    }

    /** A producer for each compression. */
    public ProducerLoad start(String... codecs) {
        for (var codec : codecs) {
            int id = running.size();
            running.add(threads.submit(() -> produce(id, codec)));
        }
        return this;
    }

    /** Waits until all that was sent is acknowledged; fails if a producer gave up a record. */
    public void stop() throws Exception {
        stop.set(true);
        for (var producer : running) {
            producer.get(2, TimeUnit.MINUTES);
        }
        assertEquals(List.of(), List.copyOf(history.givenUp), "idempotent producers outlive every fault");
    }

    static KafkaProducer<String, String> producer(String bootstrap, String codec) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "acks", "all",
                        "enable.idempotence", "true",
                        "compression.type", codec,
                        "delivery.timeout.ms", "120000",
                        "request.timeout.ms", "5000",
                        "reconnect.backoff.max.ms", "100",
                        "max.block.ms", "60000"),
                new StringSerializer(),
                new StringSerializer());
    }

    private Void produce(int id, String codec) throws Exception {
        try (var producer = producer(bootstrap, codec)) {
            for (long sequence = 0; !stop.get(); sequence++) {
                var value = History.value(id, sequence);
                producer.send(
                        new ProducerRecord<>(topic, (int) (sequence % partitions), null, value), (metadata, error) -> {
                            if (error == null) {
                                history.acknowledge(metadata.partition(), metadata.offset(), value);
                            } else {
                                history.givenUp.add(value + ": " + error);
                            }
                        });
                if (sequence % burst == 0) {
                    TimeUnit.MILLISECONDS.sleep(pauseMs);
                }
            }
        }
        return null;
    }

    @Override
    public void close() {
        stop.set(true);
        threads.shutdownNow();
    }
}
