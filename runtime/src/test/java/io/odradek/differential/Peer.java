package io.odradek.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.awaitility.Awaitility;

/** One of the two brokers as the script sees it. */
final class Peer implements AutoCloseable {
    private static final short METADATA_VERSION = 12;

    private final String bootstrap;
    private final Wire wire;
    private final Admin admin;

    Peer(String bootstrap) {
        this.bootstrap = bootstrap;
        this.wire = new Wire(Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1)));
        this.admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                "10000",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                "20000"));
    }

    String bootstrap() {
        return bootstrap;
    }

    Admin admin() {
        return admin;
    }

    Wire wire() {
        return wire;
    }

    /** The normal form of the answer. */
    JsonNode call(ApiKeys api, int version, ApiMessage request) {
        var response = wire.call(api, (short) version, request);
        return response == null ? TextNode.valueOf("<disconnected>") : normal(Wire.json(response, (short) version));
    }

    /** The answer itself, for steps that need something of it for their next request. */
    @SuppressWarnings("unchecked")
    <T extends ApiMessage> T answer(ApiKeys api, int version, ApiMessage request) {
        return (T) wire.call(api, (short) version, request);
    }

    JsonNode normal(JsonNode answer) {
        return Normal.of(answer);
    }

    /** This broker's id of the topic. */
    Uuid topicId(String name) {
        return topics().topics().find(name).topicId();
    }

    /** Apache Kafka answers CreateTopics before the broker itself has heard of the topic. */
    void awaitTopic(String name, int partitions) {
        Awaitility.await("topic " + name).pollInterval(Duration.ofMillis(10)).until(() -> {
            var topic = topics().topics().find(name);
            return topic != null
                    && topic.partitions().size() == partitions
                    && topic.partitions().stream().allMatch(p -> p.errorCode() == 0 && p.leaderId() >= 0);
        });
    }

    private MetadataResponseData topics() {
        return answer(
                ApiKeys.METADATA,
                METADATA_VERSION,
                new MetadataRequestData().setTopics(null).setAllowAutoTopicCreation(false));
    }

    @Override
    public void close() {
        wire.close();
        admin.close();
    }
}
