package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.odradek.network.TestClient;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are well-formed and absurd: names, counts, sizes and offsets that nobody can mean. */
class BadRequestsTest {
    private static final long MODEST_BYTES = 64L << 20;

    @RegisterExtension
    static final Siege SIEGE = Siege.ofTopic("taken.a", 2);

    // ---- names

    static Stream<Arguments> names() {
        return Stream.of(
                argumentSet("empty", "", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("dot", ".", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("dots", "..", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("space", "a b", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("slash", "../../etc", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("zero", "a\u0000b", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("line", "a\nb", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("umlaut", "töpic", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("one too long", "x".repeat(250), Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("far too long", "x".repeat(32_000), Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("collides", "taken_a", Errors.INVALID_TOPIC_EXCEPTION),
                argumentSet("taken", "taken.a", Errors.TOPIC_ALREADY_EXISTS));
    }

    @ParameterizedTest
    @MethodSource("names")
    void namesThatNoTopicMayBear(String name, Errors expected) throws IOException {
        int topics = SIEGE.broker().broker().image().topics().size();
        assertEquals(expected, create(new CreatableTopic().setName(name).setNumPartitions(1)));
        assertEquals(topics, SIEGE.broker().broker().image().topics().size());
    }

    @ParameterizedTest
    @MethodSource("names")
    void namesThatAreNotCreatedByAskingForThem(String name, Errors expected) throws IOException {
        var topics = SIEGE.broker().broker().image().topics();
        var answer = metadata(List.of(name)).topics().iterator().next();
        var error = Errors.forCode(answer.errorCode());
        if (name.equals("taken.a")) {
            assertEquals(Errors.NONE, error);
        } else if (name.equals("taken_a")) {
            assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, error);
        } else {
            assertEquals(Errors.INVALID_TOPIC_EXCEPTION, error);
        }
        assertEquals(topics, SIEGE.broker().broker().image().topics());
    }

    @Test
    void aNameThatCollidesIsNotAskedForAtTheLogsExpense() throws IOException {
        int before = SIEGE.broker().log.lines();
        for (int i = 0; i < 200; i++) {
            metadata(List.of("taken_a"));
        }
        int lines = SIEGE.broker().log.lines() - before;
        assertTrue(lines < 40, () -> lines + " lines");
    }

    @Test
    void manyNamesAtOnceDoNotMakeManyTopics() throws IOException {
        int before = SIEGE.broker().broker().image().topics().size();
        var names = IntStream.range(0, 20_000).mapToObj(i -> "n" + i).toList();
        SIEGE.client().socket().setSoTimeout(60_000);
        var answer = metadata(names);
        assertEquals(20_000, answer.topics().size());
        assertEquals(before, SIEGE.broker().broker().image().topics().size());
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                answer.topics().iterator().next().errorCode());
    }

    private MetadataResponseData metadata(List<String> names) throws IOException {
        var request = new MetadataRequestData().setAllowAutoTopicCreation(true);
        names.forEach(name -> request.topics().add(new MetadataRequestTopic().setName(name)));
        return SIEGE.client().call(ApiKeys.METADATA, 12, request);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 100, 30_000})
    void absurdClientIds(int length) throws IOException {
        int before = SIEGE.broker().log.lines();
        var id = "\nINFO forged\r\u001b[31m\u0000é".repeat(length / 10 + 1);
        var request = new MetadataRequestData().setAllowAutoTopicCreation(true);
        request.topics().add(new MetadataRequestTopic().setName("asked-for-" + length));
        var header =
                new RequestHeader(ApiKeys.METADATA, (short) 12, id.substring(0, Math.min(id.length(), 30_000)), 77);
        var parsed = new MetadataRequest(request, (short) 12);
        SIEGE.client().write(TestClient.frame(header, parsed));
        var answer = (MetadataResponseData) SIEGE.client().read(header).data();
        assertEquals(Errors.NONE.code(), answer.topics().iterator().next().errorCode());
        var lines = SIEGE.broker().log.messages().skip(before).toList();
        assertFalse(lines.isEmpty(), "the creation of a topic is worth a line");
        for (var line : lines) {
            assertTrue(line.length() < 1000, () -> "a line of " + line.length());
            assertFalse(line.chars().anyMatch(Character::isISOControl), line);
        }
    }

    // ---- counts

    @ParameterizedTest
    @ValueSource(ints = {10_100, 1_000_000, Integer.MAX_VALUE})
    void moreTopicPartitionsThanMayBe(int partitions) throws IOException {
        long before = BesiegedBroker.allocatedBytes();
        assertEquals(
                Errors.POLICY_VIOLATION,
                create(new CreatableTopic().setName("many").setNumPartitions(partitions)));
        assertEquals(
                Errors.POLICY_VIOLATION,
                createAll(IntStream.range(0, 100)
                                .mapToObj(i -> new CreatableTopic()
                                        .setName("many" + i)
                                        .setNumPartitions(partitions / 100 + 1)
                                        .setReplicationFactor((short) 1))
                                .toList())
                        .get(0));
        assertEquals(Errors.POLICY_VIOLATION, createPartitions("taken.a", partitions));
        assertModest(before);
        assertEquals(
                2,
                SIEGE.broker()
                        .broker()
                        .image()
                        .topics()
                        .byName("taken.a")
                        .orElseThrow()
                        .partitions()
                        .size());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -2, Integer.MIN_VALUE})
    void fewerPartitionsThanCanBe(int partitions) throws IOException {
        assertEquals(
                Errors.INVALID_PARTITIONS,
                create(new CreatableTopic().setName("few").setNumPartitions(partitions)));
        assertEquals(Errors.INVALID_PARTITIONS, createPartitions("taken.a", partitions));
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, -2, 2, Short.MAX_VALUE, Short.MIN_VALUE})
    void replicationFactorsThatCannotBe(short factor) throws IOException {
        var topic =
                new CreatableTopic().setName("replicated").setNumPartitions(1).setReplicationFactor(factor);
        assertEquals(
                Errors.INVALID_REPLICATION_FACTOR, createAll(List.of(topic)).get(0));
    }

    private Errors create(CreatableTopic topic) throws IOException {
        return createAll(List.of(topic.setReplicationFactor((short) 1))).get(0);
    }

    private List<Errors> createAll(List<CreatableTopic> topics) throws IOException {
        var request = new CreateTopicsRequestData().setTimeoutMs(10_000);
        topics.forEach(t -> request.topics().add(t));
        CreateTopicsResponseData answer = SIEGE.client().call(ApiKeys.CREATE_TOPICS, 7, request);
        return answer.topics().stream().map(t -> Errors.forCode(t.errorCode())).toList();
    }

    private Errors createPartitions(String topic, int count) throws IOException {
        var request = new CreatePartitionsRequestData().setTimeoutMs(10_000);
        request.topics()
                .add(new CreatePartitionsTopic().setName(topic).setCount(count).setAssignments(null));
        CreatePartitionsResponseData answer = SIEGE.client().call(ApiKeys.CREATE_PARTITIONS, 3, request);
        return Errors.forCode(answer.results().get(0).errorCode());
    }

    private static void assertModest(long before) {
        long allocated = BesiegedBroker.allocatedBytes() - before;
        assertTrue(allocated < MODEST_BYTES, () -> allocated + " bytes of heap");
    }

    // ---- partitions and offsets

    @Test
    void aFetchOfThousandsOfPartitionsThatAreNot() throws IOException {
        var request = fetch(Integer.MAX_VALUE, Integer.MAX_VALUE);
        var unknown = new FetchTopic().setTopic("unknown");
        var known = new FetchTopic().setTopic("taken.a");
        for (int i = 0; i < 20_000; i++) {
            unknown.partitions().add(partition(i, i, Integer.MAX_VALUE));
            known.partitions().add(partition(i - 10_000, -i, -i));
        }
        request.topics().add(unknown);
        request.topics().add(known);
        FetchResponseData answer = SIEGE.client().call(ApiKeys.FETCH, 12, request);
        var errors = answer.responses().stream()
                .flatMap(t -> t.partitions().stream())
                .map(p -> Errors.forCode(p.errorCode()))
                .toList();
        assertEquals(40_000, errors.size());
        assertEquals(
                2, errors.stream().filter(e -> e == Errors.OFFSET_OUT_OF_RANGE).count());
        assertEquals(
                39_998,
                errors.stream()
                        .filter(e -> e == Errors.UNKNOWN_TOPIC_OR_PARTITION)
                        .count());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void aFetchOfNoBytes(int maxBytes) throws IOException {
        for (int partitionBytes : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            var request = fetch(maxBytes, Integer.MAX_VALUE).setMaxWaitMs(0);
            var topic = new FetchTopic().setTopic(BesiegedBroker.KEPT);
            topic.partitions().add(partition(0, 0, partitionBytes));
            request.topics().add(topic);
            FetchResponseData answer = SIEGE.client().call(ApiKeys.FETCH, 12, request);
            assertEquals(
                    Errors.NONE.code(),
                    answer.responses().get(0).partitions().get(0).errorCode());
        }
    }

    @Test
    void fetchSessionsThatAreNot() throws IOException {
        for (int id : new int[] {1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            for (int epoch : new int[] {1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                var request = fetch(1, 1).setSessionId(id).setSessionEpoch(epoch);
                FetchResponseData answer = SIEGE.client().call(ApiKeys.FETCH, 12, request);
                assertEquals(Errors.FETCH_SESSION_ID_NOT_FOUND.code(), answer.errorCode());
            }
        }
    }

    private static FetchRequestData fetch(int maxBytes, int minBytes) {
        return new FetchRequestData()
                .setMaxBytes(maxBytes)
                .setMinBytes(minBytes)
                .setMaxWaitMs(1000)
                .setSessionEpoch(-1);
    }

    private static FetchPartition partition(int index, long offset, int maxBytes) {
        return new FetchPartition().setPartition(index).setFetchOffset(offset).setPartitionMaxBytes(maxBytes);
    }

    private static final int[] NO_PARTITIONS = {-1, 2, 1000, Integer.MAX_VALUE, Integer.MIN_VALUE};

    @Test
    void offsetsOfPartitionsThatAreNot() throws IOException {
        for (var name : List.of("taken.a", "unknown", "", "..", "a b", "x".repeat(30_000))) {
            var topic = new ListOffsetsTopic().setName(name);
            for (int index : NO_PARTITIONS) {
                topic.partitions()
                        .add(new ListOffsetsPartition().setPartitionIndex(index).setTimestamp(-1));
            }
            ListOffsetsResponseData answer = SIEGE.client()
                    .call(ApiKeys.LIST_OFFSETS, 8, new ListOffsetsRequestData().setTopics(List.of(topic)));
            answer.topics()
                    .get(0)
                    .partitions()
                    .forEach(p -> assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), p.errorCode()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -100, -7, Long.MAX_VALUE})
    void offsetsOfTimesThatAreNot(long timestamp) throws IOException {
        var topic = new ListOffsetsTopic().setName(BesiegedBroker.KEPT);
        topic.partitions().add(new ListOffsetsPartition().setTimestamp(timestamp));
        ListOffsetsResponseData answer =
                SIEGE.client().call(ApiKeys.LIST_OFFSETS, 8, new ListOffsetsRequestData().setTopics(List.of(topic)));
        var partition = answer.topics().get(0).partitions().get(0);
        assertTrue(
                partition.errorCode() == Errors.UNSUPPORTED_VERSION.code()
                        || partition.errorCode() == Errors.NONE.code() && partition.offset() == -1,
                partition::toString);
    }

    @Test
    void anIsolationLevelThatIsNot() throws IOException {
        var topic = new ListOffsetsTopic().setName(BesiegedBroker.KEPT);
        topic.partitions().add(new ListOffsetsPartition().setTimestamp(-1));
        var request = new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(topic))
                .setIsolationLevel((byte) 9);
        ListOffsetsResponseData offsets = SIEGE.client().call(ApiKeys.LIST_OFFSETS, 8, request);
        assertEquals(
                Errors.INVALID_REQUEST.code(),
                offsets.topics().get(0).partitions().get(0).errorCode());
        FetchResponseData fetched =
                SIEGE.client().call(ApiKeys.FETCH, 12, fetch(1, 1).setIsolationLevel((byte) 9));
        assertEquals(Errors.INVALID_REQUEST.code(), fetched.errorCode());
    }

    @Test
    void recordsThatCannotBeDeleted() throws IOException {
        for (var name : List.of("taken.a", "unknown", "", "..", "x".repeat(30_000))) {
            for (int index : NO_PARTITIONS) {
                assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, deleteRecords(name, index, 0));
            }
        }
        for (long offset : new long[] {-2, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertEquals(Errors.OFFSET_OUT_OF_RANGE, deleteRecords(BesiegedBroker.KEPT, 0, offset));
        }
    }

    private Errors deleteRecords(String name, int index, long offset) throws IOException {
        var topic = new DeleteRecordsTopic().setName(name);
        topic.partitions()
                .add(new DeleteRecordsPartition().setPartitionIndex(index).setOffset(offset));
        var request = new DeleteRecordsRequestData().setTimeoutMs(1000).setTopics(List.of(topic));
        DeleteRecordsResponseData answer = SIEGE.client().call(ApiKeys.DELETE_RECORDS, 2, request);
        return Errors.forCode(
                answer.topics().iterator().next().partitions().iterator().next().errorCode());
    }

    @Test
    void topicsThatCannotBeDeleted() throws IOException {
        for (var name : List.of("unknown", "", "..", "../..", "x".repeat(30_000))) {
            var request = new DeleteTopicsRequestData().setTimeoutMs(1000);
            request.topics().add(new DeleteTopicState().setName(name).setTopicId(Uuid.ZERO_UUID));
            DeleteTopicsResponseData answer = SIEGE.client().call(ApiKeys.DELETE_TOPICS, 6, request);
            assertEquals(
                    Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                    answer.responses().iterator().next().errorCode());
        }
    }

    // ---- configs

    @Test
    void configValuesOfManyBytes() throws IOException {
        var huge = "x".repeat(32_000);
        long before = BesiegedBroker.allocatedBytes();
        assertEquals(Errors.INVALID_CONFIG, alter(ConfigResource.Type.TOPIC, "taken.a", "retention.ms", huge));
        assertEquals(Errors.INVALID_CONFIG, alter(ConfigResource.Type.TOPIC, "taken.a", huge, "1"));
        assertEquals(
                Errors.INVALID_CONFIG,
                alter(ConfigResource.Type.TOPIC, "taken.a", "follower.replication.throttled.replicas", huge));
        assertEquals(Errors.INVALID_REQUEST, alter(ConfigResource.Type.BROKER, huge, "log.retention.ms", "1"));
        assertEquals(
                Errors.INVALID_REQUEST,
                alter(
                        ConfigResource.Type.BROKER,
                        "1",
                        "advertised.listeners",
                        "PLAINTEXT://" + huge.substring(20) + ":1"));
        assertModest(before);
    }

    private Errors alter(ConfigResource.Type type, String resource, String name, String value) throws IOException {
        var config = new AlterableConfig().setName(name).setValue(value).setConfigOperation(OpType.SET.id());
        var altered = new AlterConfigsResource().setResourceType(type.id()).setResourceName(resource);
        altered.configs().add(config);
        var request = new IncrementalAlterConfigsRequestData();
        request.resources().add(altered);
        IncrementalAlterConfigsResponseData answer = SIEGE.client().call(ApiKeys.INCREMENTAL_ALTER_CONFIGS, 1, request);
        var response = answer.responses().get(0);
        return Errors.forCode(response.errorCode());
    }
}
