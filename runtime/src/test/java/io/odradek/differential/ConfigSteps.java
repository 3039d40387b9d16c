package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.ALTER_CONFIGS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.protocol.ApiKeys.INCREMENTAL_ALTER_CONFIGS;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_CONFIG_RESOURCES;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;

/** Configs of topics, brokers, groups, client metrics and loggers. */
final class ConfigSteps {
    /** Topic configs that both brokers have; ours has more. */
    private static final List<String> TOPIC_CONFIGS = List.of(
            "cleanup.policy",
            "compression.gzip.level",
            "compression.lz4.level",
            "compression.type",
            "compression.zstd.level",
            "delete.retention.ms",
            "file.delete.delay.ms",
            "flush.messages",
            "flush.ms",
            "follower.replication.throttled.replicas",
            "index.interval.bytes",
            "leader.replication.throttled.replicas",
            "local.retention.bytes",
            "local.retention.ms",
            "max.compaction.lag.ms",
            "max.message.bytes",
            "message.timestamp.after.max.ms",
            "message.timestamp.before.max.ms",
            "message.timestamp.type",
            "min.cleanable.dirty.ratio",
            "min.compaction.lag.ms",
            "min.insync.replicas",
            "preallocate",
            "remote.log.copy.disable",
            "remote.log.delete.on.disable",
            "remote.storage.enable",
            "retention.bytes",
            "retention.ms",
            "segment.bytes",
            "segment.index.bytes",
            "segment.jitter.ms",
            "segment.ms",
            "unclean.leader.election.enable");

    private static final String BROKER = "1";

    private ConfigSteps() {}

    static void add(Script script) {
        TopicSteps.setup(script, "config", 1, "retention.ms", "5000", "cleanup.policy", "compact");
        describe(script);
        incremental(script);
        incrementalRefused(script);
        replace(script);
        brokers(script);
        groupsAndMetrics(script);
        list(script);
    }

    private static void describe(Script script) {
        script.askEachVersion(
                DESCRIBE_CONFIGS, "a topic", (peer, version) -> describe(Type.TOPIC, "config", TOPIC_CONFIGS));
        script.askEachVersion(DESCRIBE_CONFIGS, "a topic with synonyms", (peer, version) -> describe(
                        Type.TOPIC, "config", TOPIC_CONFIGS)
                .setIncludeSynonyms(true));
        script.askEachVersion(
                DESCRIBE_CONFIGS,
                "one of a topic's",
                (peer, version) -> describe(Type.TOPIC, "config", List.of("retention.ms", "no.such.config")));
        script.askEachVersion(
                DESCRIBE_CONFIGS, "none of a topic's", (peer, version) -> describe(Type.TOPIC, "config", List.of()));
        describeRefused(script, "a topic that is not there", Type.TOPIC, "no-such-topic");
        describeRefused(script, "an invalid topic", Type.TOPIC, "a b");
        describeRefused(script, "an empty topic", Type.TOPIC, "");
        describeRefused(script, "another broker", Type.BROKER, "7");
        describeRefused(script, "a broker that is no number", Type.BROKER, "one");
        describeRefused(script, "another broker's loggers", Type.BROKER_LOGGER, "7");
        describeRefused(script, "the cluster's loggers", Type.BROKER_LOGGER, "");
        describeRefused(script, "an empty group", Type.GROUP, "");
        describeRefused(script, "empty client metrics", Type.CLIENT_METRICS, "");
        describeRefused(script, "an unknown type", Type.UNKNOWN, "x");
        var brokerConfigs = List.of(
                "num.partitions",
                "log.retention.ms",
                "log.retention.hours",
                "log.segment.bytes",
                "message.max.bytes",
                "auto.create.topics.enable",
                "background.threads",
                "log.cleaner.threads",
                "ssl.keystore.password",
                "unclean.leader.election.enable",
                "min.insync.replicas");
        script.askEachVersion(
                DESCRIBE_CONFIGS, "the broker", (peer, version) -> describe(Type.BROKER, BROKER, brokerConfigs));
        script.askEachVersion(DESCRIBE_CONFIGS, "the broker with synonyms", (peer, version) -> describe(
                        Type.BROKER, BROKER, brokerConfigs)
                .setIncludeSynonyms(true));
        script.askEachVersion(
                DESCRIBE_CONFIGS, "the cluster's defaults", (peer, version) -> describe(Type.BROKER, "", null));
        script.askEachVersion(DESCRIBE_CONFIGS, "a group", (peer, version) -> describe(Type.GROUP, "g", null));
        script.askEachVersion(
                DESCRIBE_CONFIGS, "a group with synonyms", (peer, version) -> describe(Type.GROUP, "g", null)
                        .setIncludeSynonyms(true));
        script.askEachVersion(
                DESCRIBE_CONFIGS, "client metrics", (peer, version) -> describe(Type.CLIENT_METRICS, "m", null));
    }

    private static void describeRefused(Script script, String name, Type type, String resource) {
        for (short version : new short[] {DESCRIBE_CONFIGS.oldestVersion(), DESCRIBE_CONFIGS.latestVersion(false)}) {
            script.ask(DESCRIBE_CONFIGS, version, name, peer -> describe(type, resource, null));
        }
    }

    private static void incremental(Script script) {
        script.changeEachVersion(
                INCREMENTAL_ALTER_CONFIGS,
                "set",
                (peer, version) -> alter(Type.TOPIC, "config", set("retention.ms", "70" + version)));
        describeConfig(script, "after set");
        changed(script, "validate only", true, set("retention.ms", "9"));
        changed(script, "append", false, op(OpType.APPEND, "cleanup.policy", "delete"));
        changed(script, "append what is there", false, op(OpType.APPEND, "cleanup.policy", "delete"));
        changed(script, "subtract", false, op(OpType.SUBTRACT, "cleanup.policy", "compact"));
        changed(script, "subtract what is not there", false, op(OpType.SUBTRACT, "cleanup.policy", "compact"));
        changed(script, "subtract the last", false, op(OpType.SUBTRACT, "cleanup.policy", "delete"));
        changed(script, "delete", false, op(OpType.DELETE, "cleanup.policy", null));
        changed(script, "delete what is not set", false, op(OpType.DELETE, "segment.ms", null));
        changed(script, "delete with a value", false, op(OpType.DELETE, "retention.ms", "5"));
        changed(script, "append to a default", false, op(OpType.APPEND, "cleanup.policy", "compact"));
        changed(script, "several", false, set("retention.ms", "8"), set("segment.ms", "900"));
        changed(script, "nothing", false);
    }

    private static void incrementalRefused(Script script) {
        changed(script, "unknown name", false, set("no.such.config", "1"));
        changed(script, "delete an unknown name", false, op(OpType.DELETE, "no.such.config", null));
        changed(script, "append to an unknown name", false, op(OpType.APPEND, "no.such.config", "1"));
        changed(script, "malformed", false, set("retention.ms", "soon"));
        changed(script, "out of range", false, set("retention.ms", "-5"));
        changed(script, "one good and one bad", false, set("segment.ms", "7"), set("retention.ms", "soon"));
        changed(script, "append to a number", false, op(OpType.APPEND, "retention.ms", "5"));
        changed(script, "one name twice", false, set("retention.ms", "5"), set("retention.ms", "6"));
        changed(script, "null", false, set("retention.ms", null));
        changed(script, "empty", false, set("retention.ms", ""));
        changed(script, "throttled replicas malformed", false, set("leader.replication.throttled.replicas", "1"));
        changed(script, "throttled replicas", false, set("leader.replication.throttled.replicas", "0:1"));
        changed(script, "tiered storage", false, set("remote.storage.enable", "true"));
        changed(
                script,
                "compaction lags in conflict",
                false,
                set("min.compaction.lag.ms", "10"),
                set("max.compaction.lag.ms", "5"));
        changed(script, "timestamp type unknown", false, set("message.timestamp.type", "MyTime"));
        changed(script, "compression unknown", false, set("compression.type", "brotli"));
        refused(script, "a topic that is not there", Type.TOPIC, "no-such-topic", set("retention.ms", "5"));
        refused(script, "an empty topic", Type.TOPIC, "", set("retention.ms", "5"));
        refused(script, "an invalid topic", Type.TOPIC, "a b", set("retention.ms", "5"));
        refused(script, "an unknown type", Type.UNKNOWN, "x", set("retention.ms", "5"));
        refused(script, "an empty group", Type.GROUP, "", set("consumer.session.timeout.ms", "5"));
        script.change(INCREMENTAL_ALTER_CONFIGS, 1, "a topic twice", peer -> {
            var request = alter(Type.TOPIC, "config", set("retention.ms", "5"));
            request.resources().mustAdd(resource(Type.TOPIC, "config", set("retention.ms", "6")));
            request.resources().mustAdd(resource(Type.TOPIC, "no-such-topic", set("retention.ms", "6")));
            return request;
        });
        describeConfig(script, "after what was refused");
    }

    private static void changed(Script script, String name, boolean validateOnly, AlterableConfig... changes) {
        script.change(INCREMENTAL_ALTER_CONFIGS, 1, name, peer -> alter(Type.TOPIC, "config", copies(changes))
                .setValidateOnly(validateOnly));
        if (changes.length > 0) {
            describeConfig(script, "after " + name);
        }
    }

    private static void refused(Script script, String name, Type type, String resource, AlterableConfig... changes) {
        for (short version : new short[] {0, 1}) {
            script.change(INCREMENTAL_ALTER_CONFIGS, version, name, peer -> alter(type, resource, copies(changes)));
        }
    }

    private static void describeConfig(Script script, String when) {
        script.ask(
                DESCRIBE_CONFIGS,
                4,
                when,
                peer -> describe(
                        Type.TOPIC,
                        "config",
                        List.of(
                                "retention.ms",
                                "segment.ms",
                                "cleanup.policy",
                                "compression.type",
                                "message.timestamp.type",
                                "leader.replication.throttled.replicas")));
    }

    private static void replace(Script script) {
        script.changeEachVersion(
                ALTER_CONFIGS,
                "replace all",
                (peer, version) -> replace(Type.TOPIC, "config", "segment.ms", "44" + version));
        describeConfig(script, "after replacing all");
        replace(script, "validate only", true, Type.TOPIC, "config", "segment.ms", "5");
        replace(script, "unknown name", false, Type.TOPIC, "config", "no.such.config", "5");
        replace(script, "malformed", false, Type.TOPIC, "config", "segment.ms", "soon");
        replace(script, "null", false, Type.TOPIC, "config", "segment.ms", null);
        replace(script, "a topic that is not there", false, Type.TOPIC, "no-such-topic", "segment.ms", "5");
        replace(script, "an empty topic", false, Type.TOPIC, "", "segment.ms", "5");
        replace(script, "loggers", false, Type.BROKER_LOGGER, BROKER, "root", "INFO");
        replace(script, "another broker", false, Type.BROKER, "7", "log.cleaner.threads", "2");
        replace(script, "an unknown type", false, Type.UNKNOWN, "x", "segment.ms", "5");
        replace(script, "a read-only config", false, Type.BROKER, BROKER, "num.partitions", "2");
        describeConfig(script, "after what was refused");
        replace(script, "by nothing", false, Type.TOPIC, "config");
        describeConfig(script, "after all were removed");
    }

    private static void replace(
            Script script, String name, boolean validateOnly, Type type, String resource, String... configs) {
        script.change(
                ALTER_CONFIGS, 2, name, peer -> replace(type, resource, configs).setValidateOnly(validateOnly));
    }

    private static void brokers(Script script) {
        broker(script, "message.max.bytes of the cluster", "", set("message.max.bytes", "200000"));
        broker(script, "message.max.bytes of the broker", BROKER, set("message.max.bytes", "300000"));
        broker(script, "log.retention.hours of the cluster", "", set("log.retention.hours", "5"));
        broker(script, "log.retention.ms of the broker", BROKER, set("log.retention.ms", "77000"));
        broker(script, "no more message.max.bytes of the broker", BROKER, op(OpType.DELETE, "message.max.bytes", null));
        broker(script, "no more log.retention.ms", BROKER, op(OpType.DELETE, "log.retention.ms", null));
        broker(script, "no more log.retention.hours", "", op(OpType.DELETE, "log.retention.hours", null));
        broker(script, "no more message.max.bytes", "", op(OpType.DELETE, "message.max.bytes", null));
        broker(script, "read-only num.partitions", BROKER, set("num.partitions", "5"));
        broker(script, "read-only broker.id", BROKER, set("node.id", "5"));
        broker(script, "malformed", BROKER, set("message.max.bytes", "many"));
        broker(script, "out of range", BROKER, set("message.max.bytes", "-5"));
        broker(script, "per broker for the cluster", "", set("listener.name.plaintext.ssl.keystore.password", "x"));
        broker(script, "security without a listener", BROKER, set("ssl.keystore.password", "x"));
        broker(script, "another broker", "7", set("message.max.bytes", "200000"));
        broker(script, "no number", "one", set("message.max.bytes", "200000"));
        broker(script, "append to a number", BROKER, op(OpType.APPEND, "message.max.bytes", "5"));
        broker(script, "log.cleanup.policy", "", set("log.cleanup.policy", "compact,delete"));
        broker(script, "subtract from log.cleanup.policy", "", op(OpType.SUBTRACT, "log.cleanup.policy", "compact"));
        broker(script, "no more log.cleanup.policy", "", op(OpType.DELETE, "log.cleanup.policy", null));
        heeded(script);
        script.change(
                INCREMENTAL_ALTER_CONFIGS,
                1,
                "an unknown logger",
                peer -> alter(Type.BROKER_LOGGER, BROKER, set("no.such.logger", "INFO")));
        script.change(
                INCREMENTAL_ALTER_CONFIGS,
                1,
                "a level of no logger",
                peer -> alter(Type.BROKER_LOGGER, BROKER, set("root", "LOUD")));
        script.change(
                INCREMENTAL_ALTER_CONFIGS,
                1,
                "no level for the root logger",
                peer -> alter(Type.BROKER_LOGGER, BROKER, op(OpType.DELETE, "root", null)));
        script.change(
                INCREMENTAL_ALTER_CONFIGS,
                1,
                "append to a logger",
                peer -> alter(Type.BROKER_LOGGER, BROKER, op(OpType.APPEND, "root", "INFO")));
        script.change(
                INCREMENTAL_ALTER_CONFIGS,
                1,
                "another broker's logger",
                peer -> alter(Type.BROKER_LOGGER, "7", set("root", "INFO")));
        script.change(
                INCREMENTAL_ALTER_CONFIGS,
                1,
                "no broker's logger",
                peer -> alter(Type.BROKER_LOGGER, "", set("root", "INFO")));
    }

    /** Settings that a running broker heeds, within limits. */
    private static void heeded(Script script) {
        for (var threads : List.of("num.network.threads", "background.threads", "log.cleaner.threads")) {
            broker(script, "none of " + threads, "", set(threads, "0"));
            broker(script, "too many of " + threads, "", set(threads, "1000"));
        }
        broker(script, "log.cleaner.threads doubled", "", set("log.cleaner.threads", "2"));
        broker(script, "log.cleaner.threads as before", "", op(OpType.DELETE, "log.cleaner.threads", null));
        broker(script, "no connections at all", "", set("max.connections", "0"));
        broker(script, "too small a dedupe buffer", "", set("log.cleaner.dedupe.buffer.size", "1000"));
        broker(script, "other addresses alone", "", set("max.connections.per.ip", "0"));
        broker(script, "max.connections", "", set("max.connections", "1000"));
        var ofListener = "listener.name.plaintext.max.connections";
        broker(script, "max.connections of the listener", "", set(ofListener, "900"));
        broker(script, "no more max.connections", "", op(OpType.DELETE, "max.connections", null));
        broker(script, "no more max.connections of the listener", "", op(OpType.DELETE, ofListener, null));
        broker(script, "no directory", BROKER, set("cordoned.log.dirs", "/elsewhere"));
        var unknown = "listener.name.plaintext.no.such.setting";
        broker(script, "unknown of a listener", BROKER, set(unknown, "x"));
        broker(script, "no more unknown of a listener", BROKER, op(OpType.DELETE, unknown, null));
        broker(script, "ssl.protocol", BROKER, set("ssl.protocol", "TLSv1.2"));
        broker(script, "no more ssl.protocol", BROKER, op(OpType.DELETE, "ssl.protocol", null));
    }

    private static void broker(Script script, String name, String broker, AlterableConfig... changes) {
        script.change(INCREMENTAL_ALTER_CONFIGS, 1, "broker: " + name + ", validate only", peer -> alter(
                        Type.BROKER, broker, copies(changes))
                .setValidateOnly(true));
        script.change(
                INCREMENTAL_ALTER_CONFIGS, 1, "broker: " + name, peer -> alter(Type.BROKER, broker, copies(changes)));
        var watched = List.of("message.max.bytes", "log.retention.ms", "log.retention.hours", "log.cleanup.policy");
        script.ask(DESCRIBE_CONFIGS, 4, "broker after " + name, peer -> describe(Type.BROKER, BROKER, watched)
                .setIncludeSynonyms(true));
        script.ask(DESCRIBE_CONFIGS, 4, "cluster after " + name, peer -> describe(Type.BROKER, "", watched)
                .setIncludeSynonyms(true));
        script.ask(DESCRIBE_CONFIGS, 4, "topic after " + name, peer -> describe(
                        Type.TOPIC, "config", List.of("retention.ms", "max.message.bytes", "cleanup.policy"))
                .setIncludeSynonyms(true));
    }

    private static void groupsAndMetrics(Script script) {
        other(script, Type.GROUP, "g", "set", set("consumer.session.timeout.ms", "50000"));
        other(script, Type.GROUP, "g", "malformed", set("consumer.session.timeout.ms", "soon"));
        other(script, Type.GROUP, "g", "out of range", set("consumer.session.timeout.ms", "5"));
        other(script, Type.GROUP, "g", "unknown", set("no.such.config", "5"));
        other(script, Type.GROUP, "g", "share", set("share.auto.offset.reset", "earliest"));
        other(script, Type.GROUP, "g", "share malformed", set("share.auto.offset.reset", "soon"));
        other(script, Type.CLIENT_METRICS, "m", "set", set("interval.ms", "500"), set("metrics", "org.apache"));
        other(script, Type.CLIENT_METRICS, "m", "out of range", set("interval.ms", "5"));
        other(script, Type.CLIENT_METRICS, "m", "unknown", set("no.such.config", "5"));
        other(script, Type.CLIENT_METRICS, "m", "match", set("match", "client_id=a.*"));
        other(script, Type.CLIENT_METRICS, "m", "match malformed", set("match", "colour=red"));
        script.change(
                INCREMENTAL_ALTER_CONFIGS,
                1,
                "append to a list of client metrics",
                peer -> alter(Type.CLIENT_METRICS, "m", op(OpType.APPEND, "metrics", "com")));
    }

    private static void other(Script script, Type type, String resource, String name, AlterableConfig... changes) {
        script.change(INCREMENTAL_ALTER_CONFIGS, 1, type + " " + name, peer -> alter(type, resource, copies(changes)));
        script.ask(DESCRIBE_CONFIGS, 4, type + " after " + name, peer -> describe(type, resource, null)
                .setIncludeSynonyms(true));
    }

    private static void list(Script script) {
        script.ask(LIST_CONFIG_RESOURCES, 0, "client metrics", peer -> new ListConfigResourcesRequestData());
        script.ask(LIST_CONFIG_RESOURCES, 1, "all", peer -> new ListConfigResourcesRequestData());
        for (var type : Type.values()) {
            script.ask(LIST_CONFIG_RESOURCES, 1, "type " + type, peer -> new ListConfigResourcesRequestData()
                    .setResourceTypes(List.of(type.id())));
        }
    }

    private static DescribeConfigsRequestData describe(Type type, String name, List<String> keys) {
        return new DescribeConfigsRequestData()
                .setResources(List.of(new DescribeConfigsResource()
                        .setResourceType(type.id())
                        .setResourceName(name)
                        .setConfigurationKeys(keys)));
    }

    private static IncrementalAlterConfigsRequestData alter(Type type, String name, AlterableConfig... changes) {
        var request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource(type, name, changes));
        return request;
    }

    private static AlterConfigsResource resource(Type type, String name, AlterableConfig... changes) {
        var resource = new AlterConfigsResource().setResourceType(type.id()).setResourceName(name);
        Arrays.stream(changes).forEach(resource.configs()::mustAdd);
        return resource;
    }

    private static AlterConfigsRequestData replace(Type type, String name, String... configs) {
        var resource = new AlterConfigsRequestData.AlterConfigsResource()
                .setResourceType(type.id())
                .setResourceName(name);
        for (int i = 0; i < configs.length; i += 2) {
            resource.configs()
                    .add(new AlterConfigsRequestData.AlterableConfig()
                            .setName(configs[i])
                            .setValue(configs[i + 1]));
        }
        var request = new AlterConfigsRequestData();
        request.resources().add(resource);
        return request;
    }

    /** One config set, or with null removed. */
    static Function<Peer, JsonNode> altered(Type type, String name, String config, String value) {
        var operation = value == null ? OpType.DELETE : OpType.SET;
        return peer -> peer.call(INCREMENTAL_ALTER_CONFIGS, 1, alter(type, name, op(operation, config, value)));
    }

    private static AlterableConfig set(String name, String value) {
        return op(OpType.SET, name, value);
    }

    private static AlterableConfig op(OpType operation, String name, String value) {
        return new AlterableConfig()
                .setConfigOperation(operation.id())
                .setName(name)
                .setValue(value);
    }

    /** An element belongs to one collection. */
    private static AlterableConfig[] copies(AlterableConfig... changes) {
        return Arrays.stream(changes).map(AlterableConfig::duplicate).toArray(AlterableConfig[]::new);
    }
}
