package io.odradek.ecosystem;

import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends a line of random words every few milliseconds, whatever happens to the broker, and knows how often each word was sent. */
final class LineFeed implements AutoCloseable {
    private static final int WORDS = 30;
    private static final int WORDS_IN_A_LINE = 4;
    private static final long PERIOD_MS = 5;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final KafkaProducer<String, String> producer;
    private final Random random = new Random(7);
    private final Map<String, Long> sent = new HashMap<>();
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();

    LineFeed(String bootstrap) {
        var settings = Map.<String, Object>of(
                "bootstrap.servers", bootstrap,
                "delivery.timeout.ms", "120000",
                "request.timeout.ms", "5000",
                "reconnect.backoff.max.ms", "100");
        producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        clock.scheduleAtFixedRate(this::sendLine, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    private void sendLine() {
        var line = new StringBuilder();
        for (int i = 0; i < WORDS_IN_A_LINE; i++) {
            var word = "word" + random.nextInt(WORDS);
            sent.merge(word, 1L, Long::sum);
            line.append(i == 0 ? "" : " ").append(word);
        }
        producer.send(new ProducerRecord<>(WordCount.LINES, line.toString()), (metadata, e) -> {
            if (e != null) {
                failures.add(e);
            }
        });
    }

    /** Ends the feed once every line is acknowledged. @return how often each word was sent */
    Map<String, Long> finish() throws Exception {
        clock.shutdown();
        if (!clock.awaitTermination(2, TimeUnit.MINUTES)) {
            throw new IllegalStateException("the producer is stuck");
        }
        producer.flush();
        if (!failures.isEmpty()) {
            throw failures.peek();
        }
        return sent;
    }

    @Override
    public void close() {
        clock.shutdownNow();
        producer.close();
    }
}
