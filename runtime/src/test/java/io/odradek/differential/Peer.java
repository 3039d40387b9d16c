package io.odradek.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.HashMap;
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
    private final Map<String, Client> clients = new HashMap<>();
    private final Map<String, String> remembered = new HashMap<>();
    private final Map<String, Long> numbers = new HashMap<>();

    /** A client beside the first, who may have to wait for others. */
    private final class Client {
        private final Wire wire = new Wire(port());
        private short version;
    }

    Peer(String bootstrap) {
        this.bootstrap = bootstrap;
        this.wire = new Wire(port());
        this.admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                "10000",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                "20000"));
    }

    private int port() {
        return Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1));
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

    /** Sends a request on a connection of its own; {@link #finish} gives the answer. */
    void begin(String client, ApiKeys api, int version, ApiMessage request) {
        var c = clients.computeIfAbsent(client, name -> new Client());
        c.wire.begin(api, (short) version, request);
        c.version = (short) version;
    }

    /** The answer to what the client began; null if the broker closed the connection instead. */
    @SuppressWarnings("unchecked")
    <T extends ApiMessage> T finish(String client) {
        return (T) clients.get(client).wire.finish();
    }

    /** The normal form of an answer that {@link #finish} gave. */
    JsonNode finished(String client, ApiMessage answer) {
        return answer == null
                ? TextNode.valueOf("<disconnected>")
                : normal(Wire.json(answer, clients.get(client).version));
    }

    JsonNode normal(JsonNode answer) {
        return Normal.of(answer, remembered);
    }

    /** Remembers what this broker chose, such as a member's id: in answers its name stands for it from now on. */
    void remember(String name, String chosen) {
        remembered.values().removeIf(name::equals);
        remembered.put(chosen, name);
    }

    /** What was remembered under the name; the name itself if nothing was. */
    String recall(String name) {
        return remembered.entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findAny()
                .orElse(name);
    }

    /** Keeps the epoch that a member has. */
    void keepEpoch(String group, String member, int epoch) {
        keep(group + "/" + member, epoch);
    }

    /** The epoch of the member as far as is known; 1 if nothing is. */
    int epoch(String group, String member) {
        return (int) kept(group + "/" + member, 1);
    }

    /** Keeps a number that this broker chose. */
    void keep(String name, long number) {
        numbers.put(name, number);
    }

    long kept(String name, long otherwise) {
        return numbers.getOrDefault(name, otherwise);
    }

    /** This broker's id of the topic. */
    Uuid topicId(String name) {
        return topics().topics().find(name).topicId();
    }

    /** As {@link #topicId}, and in answers the name stands for the id from now on. */
    Uuid knownTopicId(String name) {
        var id = topicId(name);
        remember("<id of " + name + ">", id.toString());
        return id;
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
        clients.values().forEach(client -> client.wire.close());
        admin.close();
    }
}
