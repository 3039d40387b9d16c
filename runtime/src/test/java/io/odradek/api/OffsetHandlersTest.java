package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.api.group.OffsetCommitHandler;
import io.odradek.api.group.OffsetDeleteHandler;
import io.odradek.api.group.OffsetFetchHandler;
import io.odradek.api.group.TxnOffsetCommitHandler;
import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.DrivenRuntime;
import io.odradek.coordinator.ShardDriver;
import io.odradek.group.GroupCoordinator;
import io.odradek.group.GroupShard;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.transaction.TransactionSupport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.TransactionResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The APIs of offsets as clients see them, in every version. */
class OffsetHandlersTest {
    private static final String GROUP = "group";
    private static final short EPOCH = 0;

    private final AdminFixture fixture = new AdminFixture();
    private final BrokerConfig config = fixture.config();
    private final ShardDriver<GroupShard> shard = new ShardDriver<>(
            GroupCoordinator.recordTypes(),
            GroupCoordinator.shards(List.of(ClassicGroups::new), ClassicGroups::simple, () -> config));
    private final List<TransactionSupport> verified = new ArrayList<>();
    private Errors verification = Errors.NONE;
    private Uuid topicId;

    @BeforeEach
    void topics() {
        topicId = fixture.topic("topic", 2).id();
        fixture.topic("other", 1);
        fixture.metadata.addListener(shard::image);
    }

    private ApiDispatcher dispatcher() {
        var groups = new GroupCoordinator(new DrivenRuntime<>(shard));
        var access = fixture.access();
        return new ApiDispatcher(List.of(
                new OffsetCommitHandler(groups, fixture.metadata, access),
                new TxnOffsetCommitHandler(
                        groups,
                        (transactionalId, producerId, epoch, partitions, support) -> {
                            verified.add(support);
                            assertEquals(
                                    List.of(new TopicPartition("__consumer_offsets", 0)),
                                    List.copyOf(partitions.keySet()));
                            return CompletableFuture.completedStage(
                                    verification == Errors.NONE
                                            ? Map.of()
                                            : Map.of(new TopicPartition("__consumer_offsets", 0), verification));
                        },
                        fixture.metadata,
                        access),
                new OffsetFetchHandler(groups, fixture.metadata, access),
                new OffsetDeleteHandler(groups, fixture.metadata, access)));
    }

    @SuppressWarnings("unchecked")
    private static <T extends ApiMessage> T call(
            ApiDispatcher dispatcher, ApiKeys api, int version, ApiMessage request) {
        return (T) AdminFixture.call(dispatcher, api, (short) version, request);
    }

    private static IntStream commitVersions() {
        return IntStream.rangeClosed(ApiKeys.OFFSET_COMMIT.oldestVersion(), ApiKeys.OFFSET_COMMIT.latestVersion(false));
    }

    private static IntStream fetchVersions() {
        return IntStream.rangeClosed(ApiKeys.OFFSET_FETCH.oldestVersion(), ApiKeys.OFFSET_FETCH.latestVersion(false));
    }

    private static IntStream txnVersions() {
        return IntStream.rangeClosed(
                ApiKeys.TXN_OFFSET_COMMIT.oldestVersion(), ApiKeys.TXN_OFFSET_COMMIT.latestVersion(false));
    }

    private static OffsetCommitRequestTopic commitOf(String topic, Uuid id, int... partitions) {
        return new OffsetCommitRequestTopic()
                .setName(topic)
                .setTopicId(id)
                .setPartitions(IntStream.of(partitions)
                        .mapToObj(p -> new OffsetCommitRequestPartition()
                                .setPartitionIndex(p)
                                .setCommittedOffset(42))
                        .toList());
    }

    /** "topic-partition" to error; with ids where the version has no names. */
    private Map<String, Errors> commit(int version, OffsetCommitRequestTopic... topics) {
        var request = new OffsetCommitRequestData().setGroupId(GROUP).setTopics(List.of(topics));
        OffsetCommitResponseData response = call(dispatcher(), ApiKeys.OFFSET_COMMIT, version, request);
        var errors = new TreeMap<String, Errors>();
        response.topics().forEach(topic -> topic.partitions()
                .forEach(p -> errors.put(
                        (version < 10 ? topic.name() : name(topic.topicId())) + "-" + p.partitionIndex(),
                        Errors.forCode(p.errorCode()))));
        return errors;
    }

    private String name(Uuid id) {
        return fixture.metadata.image().topics().byId(id).map(t -> t.name()).orElse("?");
    }

    private OffsetFetchResponseData.OffsetFetchResponseGroup fetch(int version, boolean all) {
        return fetch(version, all, false);
    }

    private OffsetFetchResponseData.OffsetFetchResponseGroup fetch(int version, boolean all, boolean requireStable) {
        var request = new OffsetFetchRequestData().setRequireStable(requireStable);
        if (version < 8) {
            request.setGroupId(GROUP)
                    .setTopics(
                            all
                                    ? null
                                    : List.of(new OffsetFetchRequestTopic()
                                            .setName("topic")
                                            .setPartitionIndexes(List.of(0, 1))));
            OffsetFetchResponseData response = call(dispatcher(), ApiKeys.OFFSET_FETCH, version, request);
            return new OffsetFetchResponse(response, (short) version).group(GROUP);
        }
        request.setGroups(List.of(group(GROUP, all)));
        OffsetFetchResponseData response = call(dispatcher(), ApiKeys.OFFSET_FETCH, version, request);
        return response.groups().get(0);
    }

    private OffsetFetchRequestGroup group(String id, boolean all) {
        return new OffsetFetchRequestGroup()
                .setGroupId(id)
                .setTopics(
                        all
                                ? null
                                : List.of(new OffsetFetchRequestTopics()
                                        .setName("topic")
                                        .setTopicId(topicId)
                                        .setPartitionIndexes(List.of(0, 1))));
    }

    private static Map<Integer, Long> offsets(OffsetFetchResponseData.OffsetFetchResponseTopics topic) {
        var offsets = new TreeMap<Integer, Long>();
        topic.partitions().forEach(p -> offsets.put(p.partitionIndex(), p.committedOffset()));
        return offsets;
    }

    @ParameterizedTest
    @MethodSource("commitVersions")
    void whatIsCommittedInAnyVersion(int version) {
        assertEquals(Map.of("topic-0", Errors.NONE), commit(version, commitOf("topic", topicId, 0)));
        assertEquals(Map.of(0, 42L, 1, -1L), offsets(fetch(9, false).topics().get(0)));
    }

    @ParameterizedTest
    @MethodSource("fetchVersions")
    void isFetchedInAnyVersion(int version) {
        commit(9, commitOf("topic", topicId, 0), commitOf("other", Uuid.ZERO_UUID, 0));
        assertEquals(
                Map.of(0, 42L, 1, -1L), offsets(fetch(version, false).topics().get(0)));
        if (version >= 2) {
            assertEquals(2, fetch(version, true).topics().size());
        }
    }

    @Test
    void topicsAndPartitionsThatAreNotThere() {
        assertEquals(
                Map.of(
                        "topic-0", Errors.NONE,
                        "topic-2", Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        "none-0", Errors.UNKNOWN_TOPIC_OR_PARTITION),
                commit(9, commitOf("topic", topicId, 0, 2), commitOf("none", Uuid.ZERO_UUID, 0)));
        assertEquals(
                Map.of("topic-0", Errors.NONE, "?-0", Errors.UNKNOWN_TOPIC_ID),
                commit(10, commitOf("", topicId, 0), commitOf("", Uuid.randomUuid(), 0)));
        assertEquals(
                Map.of("none-0", Errors.UNKNOWN_TOPIC_OR_PARTITION), commit(5, commitOf("none", Uuid.ZERO_UUID, 0)));
    }

    @Test
    void anErrorOfTheGroupIsThatOfEveryPartitionThatWasAccepted() {
        var request = new OffsetCommitRequestData()
                .setGroupId(GROUP)
                .setGenerationIdOrMemberEpoch(3)
                .setMemberId("m")
                .setTopics(List.of(commitOf("topic", topicId, 0, 2)));
        OffsetCommitResponseData response = call(dispatcher(), ApiKeys.OFFSET_COMMIT, 9, request);
        assertEquals(
                List.of(Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.GROUP_ID_NOT_FOUND),
                response.topics().get(0).partitions().stream()
                        .map(p -> Errors.forCode(p.errorCode()))
                        .toList());
    }

    private void permit(Predicate<String> allowed) {
        fixture.permit(action -> allowed.test(action.operation() + " " + action.resourceName()));
    }

    @Test
    void commitsThatAreNotAllowed() {
        permit(action -> action.equals("READ group") || action.equals("READ topic"));
        assertEquals(
                Map.of("topic-0", Errors.NONE, "other-0", Errors.TOPIC_AUTHORIZATION_FAILED),
                commit(9, commitOf("topic", topicId, 0), commitOf("other", Uuid.ZERO_UUID, 0)));
        permit(action -> action.startsWith("READ topic"));
        assertEquals(Map.of("topic-0", Errors.GROUP_AUTHORIZATION_FAILED), commit(9, commitOf("topic", topicId, 0)));
    }

    @Test
    void fetchesThatAreNotAllowed() {
        commit(9, commitOf("topic", topicId, 0), commitOf("other", Uuid.ZERO_UUID, 0));
        permit(action -> action.equals("DESCRIBE group") || action.equals("DESCRIBE other"));
        var refused = fetch(9, false).topics().get(0).partitions().get(0);
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED.code(), refused.errorCode());
        assertEquals(-1, refused.committedOffset());
        var seen = fetch(9, true).topics();
        assertEquals(List.of("other"), seen.stream().map(t -> t.name()).toList());

        permit(action -> action.startsWith("DESCRIBE other"));
        assertEquals(Errors.GROUP_AUTHORIZATION_FAILED.code(), fetch(9, false).errorCode());
        assertEquals(Errors.GROUP_AUTHORIZATION_FAILED.code(), fetch(2, false).errorCode());
        assertEquals(Errors.GROUP_AUTHORIZATION_FAILED.code(), fetch(1, false).errorCode());
    }

    @Test
    void severalGroupsAtOnce() {
        commit(9, commitOf("topic", topicId, 0));
        permit(action -> !action.equals("DESCRIBE secret"));
        var request = new OffsetFetchRequestData()
                .setGroups(List.of(group(GROUP, false), group("secret", true), group("none", true)));
        OffsetFetchResponseData response = call(dispatcher(), ApiKeys.OFFSET_FETCH, 9, request);
        assertEquals(
                List.of(GROUP, "secret", "none"),
                response.groups().stream().map(g -> g.groupId()).toList());
        assertEquals(
                Map.of(0, 42L, 1, -1L),
                offsets(response.groups().get(0).topics().get(0)));
        assertEquals(
                Errors.GROUP_AUTHORIZATION_FAILED.code(),
                response.groups().get(1).errorCode());
        assertEquals(List.of(), response.groups().get(2).topics());
    }

    @Test
    void fetchByAnUnknownTopicId() {
        var asked = group(GROUP, false);
        asked.topics().get(0).setTopicId(Uuid.randomUuid());
        OffsetFetchResponseData response =
                call(dispatcher(), ApiKeys.OFFSET_FETCH, 10, new OffsetFetchRequestData().setGroups(List.of(asked)));
        assertEquals(
                Errors.UNKNOWN_TOPIC_ID.code(),
                response.groups().get(0).topics().get(0).partitions().get(0).errorCode());
    }

    private Map<String, Errors> commitInTransaction(int version, String group, String... topics) {
        var request = new TxnOffsetCommitRequestData()
                .setTransactionalId("tx")
                .setProducerId(9)
                .setProducerEpoch(EPOCH)
                .setGroupId(group)
                .setTopics(Arrays.stream(topics)
                        .map(topic -> new TxnOffsetCommitRequestTopic()
                                .setName(topic)
                                .setPartitions(List.of(
                                        new TxnOffsetCommitRequestPartition().setCommittedOffset(50),
                                        new TxnOffsetCommitRequestPartition().setPartitionIndex(7))))
                        .toList());
        TxnOffsetCommitResponseData response = call(dispatcher(), ApiKeys.TXN_OFFSET_COMMIT, version, request);
        var errors = new TreeMap<String, Errors>();
        response.topics().forEach(topic -> topic.partitions()
                .forEach(p -> errors.put(topic.name() + "-" + p.partitionIndex(), Errors.forCode(p.errorCode()))));
        return errors;
    }

    @ParameterizedTest
    @MethodSource("txnVersions")
    void inATransaction(int version) {
        assertEquals(
                Map.of(
                        "topic-0", Errors.NONE,
                        "topic-7", Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        "none-0", Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        "none-7", Errors.UNKNOWN_TOPIC_OR_PARTITION),
                commitInTransaction(version, GROUP, "topic", "none"));
        assertEquals(List.of(TransactionSupport.ofTxnOffsetCommit((short) version)), verified);
        var unstable = fetch(9, false, true).topics().get(0).partitions().get(0);
        assertEquals(Errors.UNSTABLE_OFFSET_COMMIT.code(), unstable.errorCode());
        shard.endTransaction(9, EPOCH, TransactionResult.COMMIT);
        assertEquals(
                Map.of(0, 50L, 1, -1L), offsets(fetch(9, false, true).topics().get(0)));
    }

    @ParameterizedTest
    @CsvSource({
        "5,TRANSACTION_ABORTABLE,TRANSACTION_ABORTABLE",
        "4,INVALID_PRODUCER_EPOCH,INVALID_PRODUCER_EPOCH",
        "3,INVALID_TXN_STATE,INVALID_TXN_STATE",
        "3,COORDINATOR_LOAD_IN_PROGRESS,COORDINATOR_LOAD_IN_PROGRESS",
        "3,NETWORK_EXCEPTION,COORDINATOR_LOAD_IN_PROGRESS",
        "1,COORDINATOR_LOAD_IN_PROGRESS,COORDINATOR_NOT_AVAILABLE",
        "5,NOT_LEADER_OR_FOLLOWER,NOT_COORDINATOR",
    })
    void notOfTheTransaction(int version, Errors said, Errors answered) {
        verification = said;
        assertEquals(answered, commitInTransaction(version, GROUP, "topic").get("topic-0"));
        assertTrue(shard.takeWritten().isEmpty());
    }

    @Test
    void transactionalCommitsThatAreNotAllowed() {
        permit(action -> !action.equals("WRITE tx"));
        assertEquals(
                Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                commitInTransaction(5, GROUP, "topic").get("topic-7"));
        permit(action -> !action.equals("READ group"));
        assertEquals(
                Errors.GROUP_AUTHORIZATION_FAILED,
                commitInTransaction(5, GROUP, "topic").get("topic-0"));
        permit(action -> !action.equals("READ topic"));
        assertEquals(
                Errors.TOPIC_AUTHORIZATION_FAILED,
                commitInTransaction(5, GROUP, "topic").get("topic-0"));
        fixture.permit(action -> true);
        assertEquals(
                Errors.INVALID_GROUP_ID, commitInTransaction(5, "", "topic").get("topic-0"));
        assertTrue(shard.takeWritten().isEmpty());
    }

    private OffsetDeleteResponseData delete(String group, String... topics) {
        var asked = new OffsetDeleteRequestTopicCollection();
        for (var topic : topics) {
            asked.add(new OffsetDeleteRequestTopic()
                    .setName(topic)
                    .setPartitions(List.of(
                            new OffsetDeleteRequestPartition(),
                            new OffsetDeleteRequestPartition().setPartitionIndex(7))));
        }
        return call(
                dispatcher(),
                ApiKeys.OFFSET_DELETE,
                0,
                new OffsetDeleteRequestData().setGroupId(group).setTopics(asked));
    }

    private static Errors error(OffsetDeleteResponseData response, String topic, int partition) {
        return Errors.forCode(
                response.topics().find(topic).partitions().find(partition).errorCode());
    }

    @Test
    void deletion() {
        commit(9, commitOf("topic", topicId, 0));
        var response = delete(GROUP, "topic", "none");
        assertEquals(Errors.NONE, error(response, "topic", 0));
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, error(response, "topic", 7));
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, error(response, "none", 0));
        assertEquals(List.of(), fetch(9, true).topics());
    }

    @Test
    void deletionThatIsRefused() {
        assertEquals(Errors.GROUP_ID_NOT_FOUND.code(), delete("none", "topic").errorCode());
        assertEquals(Errors.INVALID_GROUP_ID.code(), delete("", "topic").errorCode());
        commit(9, commitOf("topic", topicId, 0));
        permit(action -> !action.equals("READ topic"));
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED, error(delete(GROUP, "topic"), "topic", 0));
        permit(action -> !action.equals("DELETE group"));
        assertEquals(
                Errors.GROUP_AUTHORIZATION_FAILED.code(), delete(GROUP, "topic").errorCode());
    }
}
