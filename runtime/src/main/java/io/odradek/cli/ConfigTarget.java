package io.odradek.cli;

import org.apache.kafka.common.config.ConfigResource;
import picocli.CommandLine.Option;

/** Whose configs: exactly one of these. */
final class ConfigTarget {
    /** Kafka's name for what applies to every broker that has nothing of its own. */
    private static final String ALL_BROKERS = "";

    @Option(names = "--topic", required = true, paramLabel = "TOPIC", description = "The topic of this name.")
    private String topic;

    @Option(names = "--broker", required = true, paramLabel = "ID", description = "The broker of this id.")
    private Integer broker;

    @Option(
            names = "--cluster",
            required = true,
            description = "The default for all brokers that have no value of their own.")
    private boolean cluster;

    ConfigResource resource() {
        return topic != null
                ? new ConfigResource(ConfigResource.Type.TOPIC, topic)
                : new ConfigResource(ConfigResource.Type.BROKER, cluster ? ALL_BROKERS : broker.toString());
    }

    @Override
    public String toString() {
        return topic != null ? "topic " + topic : cluster ? "all brokers" : "broker " + broker;
    }

    RuntimeException failure(RuntimeException e) {
        return topic != null && e instanceof org.apache.kafka.common.errors.ApiException
                ? Failures.ofTopic(topic, e)
                : e;
    }
}
