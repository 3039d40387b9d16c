package io.odradek.ecosystem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.connect.mirror.RemoteClusterUtils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MirrorMaker 2 between an Apache Kafka and the broker under test, both ways at once, and killed in the middle. */
class MirrorMakerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int PARTITIONS = 3;
    private static final int RECORDS = 1000;
    private static final String GROUP = "shop";

    @TempDir
    Path home;

    private MirrorMaker mirror;

    @AfterEach
    void stop() {
        if (mirror != null) {
            mirror.close();
        }
    }

    @Test
    void topicsConfigsAndGroupOffsetsAreMirroredBothWays() throws Exception {
        var settings = Map.of("group.initial.rebalance.delay.ms", "0", "auto.create.topics.enable", "false");
        try (var kafkaNode = Node.apacheKafka(home.resolve("kafka"), settings);
                var ourNode = Node.underTest(home.resolve("broker"), settings);
                var theirs = new MirroredCluster("theirs", kafkaNode.bootstrap());
                var ours = new MirroredCluster("ours", ourNode.bootstrap())) {
            for (var cluster : Set.of(theirs, ours)) {
                cluster.createTopic(
                        PARTITIONS,
                        Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1", TopicConfig.SEGMENT_BYTES_CONFIG, "1048576"));
                cluster.produce(RECORDS);
            }
            mirror = new MirrorMaker(
                            home,
                            MirroredCluster.TOPIC,
                            theirs.name(),
                            theirs.bootstrap(),
                            ours.name(),
                            ours.bootstrap())
                    .start();
            awaitCopy(theirs, ours);
            awaitCopy(ours, theirs);

            mirror.kill();
            theirs.produce(RECORDS);
            ours.produce(RECORDS);
            mirror.start();
            awaitCopy(theirs, ours);
            awaitCopy(ours, theirs);

            ourNode.kill();
            theirs.produce(RECORDS);
            ourNode.start();
            ours.produce(RECORDS);
            awaitCopy(theirs, ours);
            awaitCopy(ours, theirs);

            checkGroup(theirs, ours);
            checkGroup(ours, theirs);
            checkTopic(theirs, ours);
            checkTopic(ours, theirs);
            checkClients(theirs, ours);
            checkClients(ours, theirs);
        }
    }

    /** The copy has the same records in the same partitions and order, each once. */
    private void awaitCopy(MirroredCluster source, MirroredCluster target) {
        await(source.copy() + " to be complete", () -> count(target, source.copy()) >= source.produced());
        assertTrue(
                source.contents(MirroredCluster.TOPIC).equals(target.contents(source.copy())),
                () -> source.copy() + " is no copy of " + source.contents(MirroredCluster.TOPIC) + " but "
                        + target.contents(source.copy()));
    }

    private static int count(MirroredCluster cluster, String topic) {
        return cluster.contents(topic).values().stream()
                .mapToInt(records -> records.size())
                .sum();
    }

    /** A group that has read all, and then moves to the other cluster, goes on with what came after. */
    private void checkGroup(MirroredCluster source, MirroredCluster target) throws Exception {
        source.commitEnd(GROUP);
        await(
                "the group's offsets at " + target.name(),
                () -> target.committed(GROUP).keySet().stream()
                                .anyMatch(p -> p.topic().equals(source.copy()))
                        && target.contentsAfter(GROUP, source.copy()).isEmpty());
        source.produce(RECORDS);
        awaitCopy(source, target);
        assertEquals(source.contentsAfter(GROUP, MirroredCluster.TOPIC), target.contentsAfter(GROUP, source.copy()));
    }

    private void checkTopic(MirroredCluster source, MirroredCluster target) throws Exception {
        assertEquals("-1", target.config(source.copy(), TopicConfig.RETENTION_MS_CONFIG));
        source.setConfig(TopicConfig.RETENTION_MS_CONFIG, "86400000000");
        source.addPartitions(PARTITIONS + 1);
        await(
                "changes of the topic",
                () -> target.config(source.copy(), TopicConfig.RETENTION_MS_CONFIG)
                                .equals("86400000000")
                        && target.partitions(source.copy()) == PARTITIONS + 1);
    }

    private static void checkClients(MirroredCluster source, MirroredCluster target) throws Exception {
        var settings = Map.<String, Object>of("bootstrap.servers", target.bootstrap());
        assertEquals(Set.of(source.name()), RemoteClusterUtils.upstreamClusters(settings));
        assertEquals(1, RemoteClusterUtils.replicationHops(settings, source.name()));
        assertTrue(RemoteClusterUtils.heartbeatTopics(settings).contains(source.name() + ".heartbeats"));
        assertEquals(Set.of(source.name() + ".checkpoints.internal"), RemoteClusterUtils.checkpointTopics(settings));
        var translated = RemoteClusterUtils.translateOffsets(settings, source.name(), GROUP, PATIENCE);
        translated.forEach((partition, offset) -> assertEquals(source.copy(), partition.topic()));
        assertEquals(PARTITIONS, translated.size());
    }

    private void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptionsMatching(e -> !(e instanceof IllegalStateException))
                .until(() -> {
                    mirror.checkAlive();
                    return condition.call();
                });
    }
}
