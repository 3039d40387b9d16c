package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
import static org.apache.kafka.common.protocol.ApiKeys.METADATA;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;

/** What clients are told of topics. */
final class MetadataSteps {
    private MetadataSteps() {}

    static void add(Script script) {
        TopicSteps.setup(script, "meta", 3);
        TopicSteps.setup(script, "meta.dotted", 1);
        byName(script);
        byId(script);
        autoCreation(script);
        describeTopicPartitions(script);
    }

    private static void byName(Script script) {
        script.askEachVersion(METADATA, "two topics", (peer, version) -> named(version, "meta", "meta.dotted"));
        script.askEachVersion(METADATA, "a topic twice", (peer, version) -> named(version, "meta", "meta"));
        script.askEachVersion(METADATA, "all topics", (peer, version) -> all(version));
        for (short version = 1; version <= METADATA.latestVersion(false); version++) {
            short v = version;
            script.ask(METADATA, v, "no topics", peer -> named(v));
        }
        for (short version = 4; version <= METADATA.latestVersion(false); version++) {
            short v = version;
            script.ask(METADATA, v, "a topic that is not there", peer -> named(v, "meta", "no-such-topic"));
            script.ask(METADATA, v, "invalid names", peer -> named(v, "a b", "", ".", "x".repeat(250)));
        }
        for (short version = 8; version <= METADATA.latestVersion(false); version++) {
            short v = version;
            script.ask(METADATA, v, "authorized operations", peer -> {
                var request = named(v, "meta", "no-such-topic").setIncludeTopicAuthorizedOperations(true);
                return v <= 10 ? request.setIncludeClusterAuthorizedOperations(true) : request;
            });
        }
    }

    private static void byId(Script script) {
        for (short version = 10; version <= METADATA.latestVersion(false); version++) {
            short v = version;
            script.ask(METADATA, v, "by id", peer -> topics(v, id(peer.topicId("meta"), null)));
            script.ask(METADATA, v, "by unknown id", peer -> topics(v, id(new Uuid(5, 5), null)));
            script.ask(METADATA, v, "by id and name", peer -> topics(v, id(peer.topicId("meta"), "meta.dotted")));
            script.ask(
                    METADATA,
                    v,
                    "by id, and another by name",
                    peer -> topics(
                            v, id(peer.topicId("meta"), null), new MetadataRequestTopic().setName("meta.dotted")));
        }
    }

    /** The first answer differs by choice: Apache Kafka has the client ask again, this broker waits for the topic. */
    private static void autoCreation(Script script) {
        for (short version : new short[] {0, 4, METADATA.latestVersion(false)}) {
            var name = "auto-v" + version;
            script.change("a topic asked for with METADATA v" + version + " is created", peer -> {
                peer.answer(METADATA, version, named(version, name).setAllowAutoTopicCreation(true));
                peer.awaitTopic(name, 3);
                return peer.call(METADATA, version, named(version, name));
            });
        }
        script.change(METADATA, METADATA.latestVersion(false), "invalid names are not created", peer -> named(
                        METADATA.latestVersion(false), "a b", "")
                .setAllowAutoTopicCreation(true));
    }

    private static void describeTopicPartitions(Script script) {
        partitions(script, "one topic", 10, null, "meta");
        partitions(script, "two topics, one missing", 10, null, "no-such-topic", "meta", "a b");
        partitions(script, "page of two", 2, null, "meta", "meta.dotted");
        partitions(script, "page that ends with a topic", 3, null, "meta", "meta.dotted");
        partitions(script, "limit of none", 0, null, "meta", "meta.dotted");
        partitions(script, "negative limit", -1, null, "meta");
        partitions(script, "from a cursor", 10, cursor("meta", 1), "meta", "meta.dotted");
        partitions(script, "from a cursor beyond the partitions", 10, cursor("meta", 5), "meta", "meta.dotted");
        partitions(script, "from a negative cursor", 10, cursor("meta", -1), "meta");
        partitions(script, "from a cursor not asked for", 10, cursor("meta.dotted", 0), "meta");
        partitions(script, "from a cursor on a missing topic", 10, cursor("mfta", 0), "mfta", "meta", "zzz");
        partitions(script, "all topics", 2000, null);
        partitions(script, "all topics, a page", 4, null);
        partitions(script, "all topics from a cursor", 4, cursor("meta", 2));
        partitions(script, "all topics from a missing one", 4, cursor("lmno", 0));
    }

    private static void partitions(Script script, String name, int limit, Cursor cursor, String... topics) {
        script.ask(DESCRIBE_TOPIC_PARTITIONS, 0, name, peer -> new DescribeTopicPartitionsRequestData()
                .setResponsePartitionLimit(limit)
                .setCursor(cursor)
                .setTopics(Arrays.stream(topics)
                        .map(topic -> new TopicRequest().setName(topic))
                        .toList()));
    }

    private static Cursor cursor(String topic, int partition) {
        return new Cursor().setTopicName(topic).setPartitionIndex(partition);
    }

    private static MetadataRequestData all(short version) {
        var request = new MetadataRequestData().setTopics(version == 0 ? List.of() : null);
        return version < 4 ? request : request.setAllowAutoTopicCreation(false);
    }

    private static MetadataRequestData named(short version, String... names) {
        return topics(
                version,
                Arrays.stream(names)
                        .map(name -> new MetadataRequestTopic().setName(name))
                        .toArray(MetadataRequestTopic[]::new));
    }

    private static MetadataRequestData topics(short version, MetadataRequestTopic... topics) {
        var request = new MetadataRequestData().setTopics(List.of(topics));
        return version < 4 ? request : request.setAllowAutoTopicCreation(false);
    }

    private static MetadataRequestTopic id(Uuid id, String name) {
        return new MetadataRequestTopic().setTopicId(id).setName(name);
    }
}
