package io.odradek.api;

import static org.apache.kafka.common.protocol.ApiKeys.CREATE_PARTITIONS;
import static org.apache.kafka.common.protocol.ApiKeys.CREATE_TOPICS;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_TOPICS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.spi.Authorizer;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicHandlersTest {
    private final AdminFixture fixture = new AdminFixture();

    @Test
    void aCreatedTopicIsThereAndDescribedWithItsConfigs() {
        var answer =
                create(false, topic("a", 2, 1, "retention.ms", "1000")).topics().find("a");

        assertEquals(Errors.NONE, Errors.forCode(answer.errorCode()));
        var topic = fixture.metadata.image().topics().byName("a").orElseThrow();
        assertEquals(topic.id(), answer.topicId());
        assertEquals(2, answer.numPartitions());
        assertEquals(1, answer.replicationFactor());
        var retention = answer.configs().stream()
                .filter(c -> c.name().equals("retention.ms"))
                .findFirst()
                .orElseThrow();
        assertEquals("1000", retention.value());
        assertEquals(1, retention.configSource());
    }

    @Test
    void defaultsAreTheBrokers() {
        assertEquals(3, create(false, topic("a", -1, -1)).topics().find("a").numPartitions());
    }

    @Test
    void validateOnlyChangesNothing() {
        assertEquals(Errors.NONE, error(create(true, topic("a", 1, 1)), "a"));
        assertEquals(Errors.INVALID_REPLICATION_FACTOR, error(create(true, topic("b", 1, 9)), "b"));

        assertEquals(0, fixture.metadata.image().topics().size());
    }

    @ParameterizedTest
    @CsvSource({
        "'a b', 1, 1, INVALID_TOPIC_EXCEPTION",
        "'', 1, 1, INVALID_TOPIC_EXCEPTION",
        "'..', 1, 1, INVALID_TOPIC_EXCEPTION",
        "there, 1, 1, TOPIC_ALREADY_EXISTS",
        "the_re, 1, 1, INVALID_TOPIC_EXCEPTION",
        "a, 0, 1, INVALID_PARTITIONS",
        "a, 1, 0, INVALID_REPLICATION_FACTOR",
        "a, 1, 2, INVALID_REPLICATION_FACTOR",
        "__cluster_metadata, 1, 1, INVALID_REQUEST",
    })
    void whatCannotBeCreatedIsRefused(String name, int partitions, int replicationFactor, Errors expected) {
        fixture.topic("there", 1);
        fixture.topic("the.re", 1);

        assertEquals(expected, error(create(false, topic(name, partitions, replicationFactor)), name));
    }

    @Test
    void aNameInOneRequestTwiceIsRefusedAndOthersAreNot() {
        var request = new CreateTopicsRequestData().setTimeoutMs(1000);
        List.of(topic("twice", 1, 1), topic("twice", 2, 1), topic("once", 1, 1)).forEach(request.topics()::mustAdd);

        CreateTopicsResponseData answer = fixture.call(CREATE_TOPICS, 7, request);

        assertEquals(2, answer.topics().size());
        assertEquals(Errors.INVALID_REQUEST, error(answer, "twice"));
        assertEquals(Errors.NONE, error(answer, "once"));
    }

    @Test
    void tooManyPartitionsInOneRequestAreRefusedAltogether() {
        var answer = create(false, topic("a", 6_000, 1), topic("b", 6_000, 1));

        assertEquals(Errors.POLICY_VIOLATION, error(answer, "a"));
        assertEquals(Errors.POLICY_VIOLATION, error(answer, "b"));
    }

    @Test
    void creationNeedsPermissionAndConfigsAreTold() {
        fixture.permit(a ->
                a.operation() == Authorizer.Operation.CREATE && a.resourceName().equals("mine"));

        var answer = create(false, topic("mine", 1, 1), topic("theirs", 1, 1));

        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED, error(answer, "theirs"));
        var mine = answer.topics().find("mine");
        assertEquals(Errors.NONE.code(), mine.errorCode());
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED.code(), mine.topicConfigErrorCode());
        assertEquals(-1, mine.numPartitions());
    }

    @Test
    void aStrictQuotaRefusesAndAPermissiveOneThrottles() {
        fixture.throttle(500);
        // One fixture for both calls would count anew: handlers are made per call, the quota is not.
        var strict = create(false, topic("a", 1, 1), topic("b", 1, 1));
        assertEquals(Errors.NONE, error(strict, "a"));
        assertEquals(Errors.THROTTLING_QUOTA_EXCEEDED, error(strict, "b"));
        assertEquals(500, strict.throttleTimeMs());

        CreateTopicsResponseData permissive = fixture.call(CREATE_TOPICS, 5, request(false, topic("c", 1, 1)));
        assertEquals(Errors.NONE, error(permissive, "c"));
        assertEquals(500, permissive.throttleTimeMs());
    }

    @Test
    void topicsAreDeletedByNameAndById() {
        var a = fixture.topic("a", 1);
        fixture.topic("b", 1);

        var answer = delete(6, state("b", Uuid.ZERO_UUID), state(null, a.id()), state(null, new Uuid(5, 5)));

        assertEquals(List.of((short) 0, (short) 0, Errors.UNKNOWN_TOPIC_ID.code()), codes(answer));
        assertEquals(0, fixture.metadata.image().topics().size());
    }

    @Test
    void whatIsNamedTwiceIsNotDeleted() {
        var a = fixture.topic("a", 1);

        assertEquals(
                List.of(Errors.INVALID_REQUEST.code()),
                codes(delete(6, state("a", Uuid.ZERO_UUID), state("a", Uuid.ZERO_UUID))));
        assertEquals(
                List.of(Errors.INVALID_REQUEST.code(), Errors.INVALID_REQUEST.code()),
                codes(delete(6, state(null, a.id()), state("a", Uuid.ZERO_UUID))));
        assertEquals(1, fixture.metadata.image().topics().size());
    }

    @Test
    void deletionCanBeSwitchedOff() {
        fixture.with("delete.topic.enable", "false");
        fixture.topic("a", 1);

        DeleteTopicsResponseData old =
                fixture.call(DELETE_TOPICS, 1, new DeleteTopicsRequestData().setTopicNames(List.of("a")));
        assertEquals(List.of(Errors.INVALID_REQUEST.code()), codes(old));
        assertEquals(List.of(Errors.TOPIC_DELETION_DISABLED.code()), codes(delete(6, state("a", Uuid.ZERO_UUID))));
    }

    @Test
    void deletionDoesNotDiscloseWhatMayNotBeSeen() {
        var hidden = fixture.topic("hidden", 1);
        fixture.permit(a -> false);

        var answer =
                delete(6, state("hidden", Uuid.ZERO_UUID), state("missing", Uuid.ZERO_UUID), state(null, hidden.id()));

        assertEquals(List.of((short) 29, (short) 29, (short) 29), codes(answer), "the same for all of them");
        assertTrue(answer.responses().stream()
                .allMatch(r -> r.name() == null || r.topicId().equals(Uuid.ZERO_UUID)));
    }

    @ParameterizedTest
    @CsvSource({
        "a, 3, NONE",
        "a, 1, INVALID_PARTITIONS",
        "a, 0, INVALID_PARTITIONS",
        "missing, 3, UNKNOWN_TOPIC_OR_PARTITION"
    })
    void partitionsOnlyGrow(String topic, int count, Errors expected) {
        fixture.topic("a", 1);
        for (boolean validateOnly : new boolean[] {true, false}) {
            var request = new CreatePartitionsRequestData()
                    .setValidateOnly(validateOnly)
                    .setTimeoutMs(1000);
            request.topics()
                    .add(new CreatePartitionsTopic()
                            .setName(topic)
                            .setCount(count)
                            .setAssignments(null));

            CreatePartitionsResponseData answer = fixture.call(CREATE_PARTITIONS, 3, request);

            assertEquals(expected.code(), answer.results().get(0).errorCode());
            int grown = validateOnly || expected != Errors.NONE ? 1 : count;
            assertEquals(
                    grown,
                    fixture.metadata
                            .image()
                            .topics()
                            .byName("a")
                            .orElseThrow()
                            .partitions()
                            .size());
        }
    }

    @Test
    void pagesFollowEachOtherUntilAllPartitionsAreDescribed() {
        fixture.topic("a", 2);
        fixture.topic("b", 3);
        fixture.topic("c", 1);
        var seen = new StringBuilder();
        Cursor cursor = null;
        int pages = 0;
        do {
            DescribeTopicPartitionsResponseData page = fixture.call(
                    DESCRIBE_TOPIC_PARTITIONS,
                    0,
                    new DescribeTopicPartitionsRequestData()
                            .setResponsePartitionLimit(2)
                            .setCursor(cursor));
            page.topics().forEach(topic -> topic.partitions()
                    .forEach(p ->
                            seen.append(topic.name()).append(p.partitionIndex()).append(' ')));
            cursor = page.nextCursor() == null
                    ? null
                    : new Cursor()
                            .setTopicName(page.nextCursor().topicName())
                            .setPartitionIndex(page.nextCursor().partitionIndex());
            pages++;
        } while (cursor != null);

        assertEquals("a0 a1 b0 b1 b2 c0 ", seen.toString());
        assertEquals(3, pages);
    }

    @Test
    void theBrokersLimitBoundsAPage() {
        fixture.with("max.request.partition.size.limit", "1").topic("a", 2);

        DescribeTopicPartitionsResponseData page = fixture.call(
                DESCRIBE_TOPIC_PARTITIONS,
                0,
                new DescribeTopicPartitionsRequestData()
                        .setTopics(List.of(new TopicRequest().setName("a"), new TopicRequest().setName("missing"))));

        assertEquals(1, page.topics().find("a").partitions().size());
        assertEquals(1, page.nextCursor().partitionIndex());
        assertNull(page.topics().find("missing"));
    }

    private CreateTopicsResponseData create(boolean validateOnly, CreatableTopic... topics) {
        return fixture.call(CREATE_TOPICS, 7, request(validateOnly, topics));
    }

    private static CreateTopicsRequestData request(boolean validateOnly, CreatableTopic... topics) {
        var request = new CreateTopicsRequestData().setTimeoutMs(1000).setValidateOnly(validateOnly);
        Arrays.stream(topics).forEach(request.topics()::add);
        return request;
    }

    private static CreatableTopic topic(String name, int partitions, int replicationFactor, String... configs) {
        var topic = new CreatableTopic()
                .setName(name)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) replicationFactor);
        for (int i = 0; i < configs.length; i += 2) {
            topic.configs().add(new CreatableTopicConfig().setName(configs[i]).setValue(configs[i + 1]));
        }
        return topic;
    }

    private DeleteTopicsResponseData delete(int version, DeleteTopicState... topics) {
        return fixture.call(
                DELETE_TOPICS,
                version,
                new DeleteTopicsRequestData().setTimeoutMs(1000).setTopics(List.of(topics)));
    }

    private static DeleteTopicState state(String name, Uuid id) {
        return new DeleteTopicState().setName(name).setTopicId(id);
    }

    private static List<Short> codes(DeleteTopicsResponseData answer) {
        return answer.responses().stream().map(r -> r.errorCode()).toList();
    }

    private static Errors error(CreateTopicsResponseData answer, String topic) {
        return Errors.forCode(answer.topics().find(topic).errorCode());
    }
}
