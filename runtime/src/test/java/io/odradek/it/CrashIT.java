package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartitionReplica;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} and damaged files: what was acknowledged is there, once and in order. */
class CrashIT {
    private static final String TOPIC = "crash";
    private static final int PARTITIONS = 3;

    @TempDir
    Path home;

    private final History history = new History();

    @Test
    void nothingAcknowledgedIsLostOverTwentyKills() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        try (var broker = BrokerProcess.in(home).start();
                var load = new ProducerLoad(broker.bootstrap(), TOPIC, PARTITIONS, history, 50)) {
            createTopic(broker, PARTITIONS, Map.of("segment.bytes", "1048576"));
            load.start("none", "lz4", "zstd");
            for (int round = 0; round < 20; round++) {
                TimeUnit.MILLISECONDS.sleep(100 + random.nextInt(900));
                broker.kill();
                broker.start();
            }
            load.stop();
            assertTrue(history.acknowledged.size() > 1000, "too little was acknowledged to say anything");
            history.check(History.read(broker.bootstrap(), TOPIC));
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** Logs are on their way from one log directory to the other whenever the process is killed. */
    @Test
    void logsThatMoveSurviveKills() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var directories = List.of(home.resolve("x"), home.resolve("y"));
        try (var broker = BrokerProcess.in(home)
                        .with("KAFKA_LOG_DIRS", directories.get(0) + "," + directories.get(1))
                        .start();
                var load = new ProducerLoad(broker.bootstrap(), TOPIC, PARTITIONS, history, 50)) {
            createTopic(broker, PARTITIONS, Map.of("segment.bytes", "1048576"));
            load.start("none", "lz4", "zstd");
            int underWay = 0;
            for (int round = 0; round < 8 || underWay == 0 && round < 40; round++) {
                try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                    for (int move = 0; move < 3; move++) {
                        for (int partition = 0; partition < PARTITIONS; partition++) {
                            var target = directories.get(random.nextInt(2)).toAbsolutePath();
                            admin.alterReplicaLogDirs(
                                            Map.of(new TopicPartitionReplica(TOPIC, partition, 1), target.toString()))
                                    .all()
                                    .get(30, TimeUnit.SECONDS);
                        }
                        if (move < 2 || round % 2 == 0) { // else the kill comes as soon as the last copy has begun
                            TimeUnit.MILLISECONDS.sleep(random.nextInt(150));
                        }
                    }
                    broker.kill();
                }
                for (var directory : directories) {
                    try (var logs = Files.list(directory)) {
                        underWay += (int) logs.filter(log -> log.toString().endsWith("-future"))
                                .count();
                    }
                }
                broker.start();
            }
            load.stop();
            assertTrue(underWay > 0, "no kill met a log on its way");
            assertTrue(history.acknowledged.size() > 500, "too little was acknowledged to say anything");
            history.check(History.read(broker.bootstrap(), TOPIC));
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    @Test
    void aTornTailIsCutAndReported() throws Exception {
        var contents = damageLastSegment(segment -> {
            try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
                file.setLength(file.length() - 7);
            }
        });
        checkLossIsTheLastBatch(contents);
    }

    @Test
    void garbageAfterTheLastBatchCostsNothing() throws Exception {
        var contents = damageLastSegment(segment -> {
            try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
                var garbage = new byte[333];
                new Random(5).nextBytes(garbage);
                file.seek(file.length());
                file.write(garbage);
            }
        });
        assertEquals(history.acknowledged.size(), contents.size());
    }

    @Test
    void aFlippedByteCostsNoMoreThanWhatFollowsIt() throws Exception {
        var contents = damageLastSegment(segment -> {
            try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
                file.seek(file.length() - 3);
                var b = file.read();
                file.seek(file.length() - 3);
                file.write(b ^ 0x40);
            }
        });
        checkLossIsTheLastBatch(contents);
    }

    private interface Damage {
        void to(Path segment) throws IOException;
    }

    /** A hundred acknowledged batches of one record, the process killed, its last segment damaged, and started again. */
    private TreeMap<Long, String> damageLastSegment(Damage damage) throws Exception {
        try (var broker = BrokerProcess.in(home).start()) {
            createTopic(broker, 1, Map.of());
            try (var producer = ProducerLoad.producer(broker.bootstrap(), "none")) {
                for (int i = 0; i < 100; i++) {
                    var value = History.value(0, i);
                    var metadata =
                            producer.send(new ProducerRecord<>(TOPIC, value)).get();
                    history.acknowledged.add(new History.Acknowledged(0, metadata.offset(), value));
                }
            }
            broker.kill();
            damage.to(broker.data().resolve(TOPIC + "-0").resolve("00000000000000000000.log"));
            broker.start();
            // What the broker says before Quarkus has set up the log is written as soon as that is done.
            await("the cut is reported with the partition's name")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> broker.output().contains(TOPIC + "-0"));
            try (var producer = ProducerLoad.producer(broker.bootstrap(), "none")) {
                producer.send(new ProducerRecord<>(TOPIC, History.value(1, 0))).get();
            }
            var contents = History.read(broker.bootstrap(), TOPIC).get(0);
            assertEquals(History.value(1, 0), contents.pollLastEntry().getValue(), "the log can be written again");
            return contents;
        }
    }

    private void checkLossIsTheLastBatch(TreeMap<Long, String> contents) {
        assertEquals(99, contents.size());
        for (long i = 0; i < 99; i++) {
            assertEquals(History.value(0, i), contents.get(i));
        }
    }

    private void createTopic(BrokerProcess broker, int partitions, Map<String, String> configs) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, partitions, (short) 1).configs(configs)))
                    .all()
                    .get();
        }
    }
}
