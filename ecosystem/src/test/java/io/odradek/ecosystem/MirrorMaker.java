package io.odradek.ecosystem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** MirrorMaker 2 between two clusters, both ways at once and exactly once, in a process of its own. */
final class MirrorMaker implements AutoCloseable {
    private final JavaProcess process;

    /** @param topics a regular expression of the topics to copy; each cluster is named as its copies are to be */
    MirrorMaker(Path home, String topics, String first, String firstBootstrap, String second, String secondBootstrap)
            throws IOException {
        var properties = new Properties();
        properties.put("clusters", first + "," + second);
        properties.put(first + ".bootstrap.servers", firstBootstrap);
        properties.put(second + ".bootstrap.servers", secondBootstrap);
        for (var direction : new String[] {first + "->" + second, second + "->" + first}) {
            properties.put(direction + ".enabled", "true");
            properties.put(direction + ".topics", topics);
        }
        for (var topic : new String[] {
            "",
            "checkpoints.topic.",
            "heartbeats.topic.",
            "offset-syncs.topic.",
            "offset.storage.",
            "status.storage.",
            "config.storage."
        }) {
            properties.put(topic + "replication.factor", "1");
        }
        for (var job : new String[] {
            "refresh.topics",
            "refresh.groups",
            "sync.topic.configs",
            "emit.checkpoints",
            "sync.group.offsets",
            "emit.heartbeats"
        }) {
            properties.put(job + ".interval.seconds", "1");
        }
        properties.put("sync.group.offsets.enabled", "true");
        // Offset syncs come with each transaction then, and not with its records: of those beyond ten under way at a
        // time
        // MirrorMaker holds the last ones back until there are more records, which a quiet topic does not get.
        properties.put("offset.lag.max", "1000000");
        // Settings of the workers, which only heed those that are named for the cluster they write to.
        for (var target : new String[] {first, second}) {
            properties.put(target + ".exactly.once.source.support", "enabled");
            properties.put(target + ".session.timeout.ms", "6000");
            properties.put(target + ".heartbeat.interval.ms", "1000");
            properties.put(target + ".scheduled.rebalance.max.delay.ms", "0");
            properties.put(target + ".plugin.discovery", "service_load");
        }
        properties.put("dedicated.mode.enable.internal.rest", "true");
        properties.put("listeners", "http://127.0.0.1:0");
        properties.put("reconnect.backoff.max.ms", "100");
        var file = home.resolve("mirror.properties");
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
        process = new JavaProcess(
                home.resolve("mirror.log"), "org.apache.kafka.connect.mirror.MirrorMaker", file.toString());
    }

    MirrorMaker start() throws IOException {
        process.start();
        return this;
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.kill();
    }

    void checkAlive() {
        process.checkAlive();
    }

    @Override
    public void close() {
        process.close();
    }
}
