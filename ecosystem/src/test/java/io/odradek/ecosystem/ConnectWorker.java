package io.odradek.ecosystem;

import io.odradek.peer.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** A worker of Kafka Connect's distributed mode, in a process of its own. */
final class ConnectWorker implements AutoCloseable {
    static final String GROUP = "connect";

    private final int port;
    private final JavaProcess process;
    private final ConnectRest rest;

    ConnectWorker(Path home, String name, String bootstrap) throws IOException {
        port = Ports.free();
        var properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.id", GROUP);
        properties.put("listeners", "http://127.0.0.1:" + port);
        properties.put("rest.advertised.host.name", "127.0.0.1");
        properties.put("plugin.discovery", "service_load");
        properties.put("exactly.once.source.support", "enabled");
        properties.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        properties.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        properties.put("value.converter.schemas.enable", "false");
        for (var topic : new String[] {"offset", "config", "status"}) {
            properties.put(topic + ".storage.topic", GROUP + "-" + topic);
            properties.put(topic + ".storage.replication.factor", "1");
        }
        properties.put("offset.storage.partitions", "3");
        properties.put("status.storage.partitions", "3");
        properties.put("offset.flush.interval.ms", "500");
        properties.put("session.timeout.ms", "6000");
        properties.put("heartbeat.interval.ms", "1000");
        properties.put("scheduled.rebalance.max.delay.ms", "1000");
        properties.put("reconnect.backoff.max.ms", "100");
        var file = home.resolve(name + ".properties");
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
        process = new JavaProcess(
                home.resolve(name + ".log"), "org.apache.kafka.connect.cli.ConnectDistributed", file.toString());
        rest = new ConnectRest("http://127.0.0.1:" + port);
    }

    /** Does not wait until it serves. */
    ConnectWorker start() throws IOException {
        process.start();
        return this;
    }

    void awaitStart() {
        rest.awaitStart(process);
    }

    /** Its name in the status of connectors and tasks. */
    String id() {
        return "127.0.0.1:" + port;
    }

    ConnectRest rest() {
        return rest;
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
