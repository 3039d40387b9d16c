package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.BrokerConfig;
import io.odradek.network.TestClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JoinGroup, SyncGroup, Heartbeat, LeaveGroup and DescribeGroups over a socket, in all their versions. */
@Timeout(60)
class ClassicApisTest {
    private static final int DESCRIBE = ApiKeys.DESCRIBE_GROUPS.latestVersion();

    @TempDir
    static Path directory;

    private static Broker broker;

    @BeforeAll
    static void start() throws IOException {
        broker = Broker.start(BrokerConfig.of(Map.of(
                "node.id", "1",
                "log.dirs", directory.toString(),
                "listeners", "PLAINTEXT://127.0.0.1:0",
                "offsets.topic.num.partitions", "2",
                "offsets.topic.replication.factor", "1",
                "group.initial.rebalance.delay.ms", "0")));
        try (var client = new TestClient(broker.port("PLAINTEXT"))) {
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> isThere(client, "a") && isThere(client, "b"));
        }
    }

    /** Asking for it creates the topic; its partitions are loaded then. */
    private static boolean isThere(TestClient client, String group) throws IOException {
        FindCoordinatorResponseData found = client.call(
                ApiKeys.FIND_COORDINATOR, 4, new FindCoordinatorRequestData().setCoordinatorKeys(List.of(group)));
        DescribeGroupsResponseData described =
                client.call(ApiKeys.DESCRIBE_GROUPS, 5, new DescribeGroupsRequestData().setGroups(List.of(group)));
        return found.coordinators().get(0).errorCode() == Errors.NONE.code()
                && described.groups().get(0).errorCode() == Errors.NONE.code();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static TestClient connect() throws IOException {
        return new TestClient(broker.port("PLAINTEXT"));
    }

    private static JoinGroupRequestData join(String group, int version) {
        var request = new JoinGroupRequestData()
                .setGroupId(group)
                .setSessionTimeoutMs(10_000)
                .setProtocolType("test");
        if (version > 0) {
            request.setRebalanceTimeoutMs(20_000);
        }
        request.protocols().add(new JoinGroupRequestProtocol().setName("p").setMetadata(new byte[] {1}));
        return request;
    }

    private static DescribedGroup describe(TestClient client, String group, int version) throws IOException {
        DescribeGroupsResponseData described = client.call(
                ApiKeys.DESCRIBE_GROUPS, version, new DescribeGroupsRequestData().setGroups(List.of(group)));
        return described.groups().get(0);
    }

    private static IntStream joinVersions() {
        return IntStream.rangeClosed(ApiKeys.JOIN_GROUP.oldestVersion(), ApiKeys.JOIN_GROUP.latestVersion());
    }

    /** The version of another API that is about as old as this one of JoinGroup. */
    private static int like(int joinVersion, ApiKeys api) {
        return Math.max(api.oldestVersion(), api.latestVersion() - (ApiKeys.JOIN_GROUP.latestVersion() - joinVersion));
    }

    @ParameterizedTest
    @MethodSource("joinVersions")
    void aMembersLifeInEachVersion(int version) throws IOException {
        var group = "life-" + version;
        try (var client = connect()) {
            var request = join(group, version);
            JoinGroupResponseData joined = client.call(ApiKeys.JOIN_GROUP, version, request);
            if (version >= 4) {
                assertEquals(Errors.MEMBER_ID_REQUIRED.code(), joined.errorCode());
                request.setMemberId(joined.memberId());
                joined = client.call(ApiKeys.JOIN_GROUP, version, request);
            }
            assertEquals(Errors.NONE.code(), joined.errorCode());
            assertEquals(joined.memberId(), joined.leader());
            assertTrue(joined.memberId().startsWith("test-"));

            var sync = new SyncGroupRequestData()
                    .setGroupId(group)
                    .setMemberId(joined.memberId())
                    .setGenerationId(joined.generationId())
                    .setAssignments(List.of(new SyncGroupRequestAssignment()
                            .setMemberId(joined.memberId())
                            .setAssignment(new byte[] {7})));
            int syncVersion = like(version, ApiKeys.SYNC_GROUP);
            if (syncVersion >= 5) {
                sync.setProtocolType("test").setProtocolName("p");
            }
            SyncGroupResponseData synced = client.call(ApiKeys.SYNC_GROUP, syncVersion, sync);
            assertEquals(Errors.NONE.code(), synced.errorCode());
            assertArrayEquals(new byte[] {7}, synced.assignment());

            HeartbeatResponseData beat = client.call(
                    ApiKeys.HEARTBEAT,
                    like(version, ApiKeys.HEARTBEAT),
                    new HeartbeatRequestData()
                            .setGroupId(group)
                            .setMemberId(joined.memberId())
                            .setGenerationId(joined.generationId()));
            assertEquals(Errors.NONE.code(), beat.errorCode());

            var described = describe(client, group, like(version, ApiKeys.DESCRIBE_GROUPS));
            assertEquals("Stable", described.groupState());
            assertArrayEquals(new byte[] {7}, described.members().get(0).memberAssignment());
            assertArrayEquals(new byte[] {1}, described.members().get(0).memberMetadata());

            assertEquals(Errors.NONE, leave(client, like(version, ApiKeys.LEAVE_GROUP), group, joined.memberId()));
            assertEquals("Empty", describe(client, group, DESCRIBE).groupState());
            assertEquals(
                    Errors.UNKNOWN_MEMBER_ID,
                    leave(client, like(version, ApiKeys.LEAVE_GROUP), group, joined.memberId()));
        }
    }

    private static Errors leave(TestClient client, int version, String group, String memberId) throws IOException {
        var request = new LeaveGroupRequestData().setGroupId(group);
        if (version < 3) {
            request.setMemberId(memberId);
        } else {
            request.members().add(new MemberIdentity().setMemberId(memberId));
        }
        LeaveGroupResponseData left = client.call(ApiKeys.LEAVE_GROUP, version, request);
        return Errors.forCode(
                version < 3 ? left.errorCode() : left.members().get(0).errorCode());
    }

    private static Errors joinError(TestClient client, JoinGroupRequestData request) throws IOException {
        JoinGroupResponseData response = client.call(ApiKeys.JOIN_GROUP, 9, request);
        return Errors.forCode(response.errorCode());
    }

    @Test
    void badRequestsGetTheErrorThatSaysWhy() throws IOException {
        try (var client = connect()) {
            assertEquals(Errors.INVALID_GROUP_ID, joinError(client, join("", 9)));
            assertEquals(
                    Errors.INVALID_SESSION_TIMEOUT,
                    joinError(client, join("bad", 9).setSessionTimeoutMs(5999)));
            assertEquals(
                    Errors.INVALID_SESSION_TIMEOUT,
                    joinError(client, join("bad", 9).setSessionTimeoutMs(1_800_001)));
            assertEquals(
                    Errors.UNKNOWN_MEMBER_ID, joinError(client, join("bad", 9).setMemberId("stranger")));
            assertEquals(
                    Errors.INCONSISTENT_GROUP_PROTOCOL,
                    joinError(client, join("bad", 9).setProtocolType("")));

            SyncGroupResponseData withoutProtocol =
                    client.call(ApiKeys.SYNC_GROUP, 5, new SyncGroupRequestData().setGroupId("bad"));
            assertEquals(Errors.INCONSISTENT_GROUP_PROTOCOL.code(), withoutProtocol.errorCode());
            SyncGroupResponseData noGroup = client.call(ApiKeys.SYNC_GROUP, 4, new SyncGroupRequestData());
            assertEquals(Errors.INVALID_GROUP_ID.code(), noGroup.errorCode());
            HeartbeatResponseData beat = client.call(ApiKeys.HEARTBEAT, 4, new HeartbeatRequestData());
            assertEquals(Errors.INVALID_GROUP_ID.code(), beat.errorCode());
            LeaveGroupResponseData left = client.call(ApiKeys.LEAVE_GROUP, 5, new LeaveGroupRequestData());
            assertEquals(Errors.INVALID_GROUP_ID.code(), left.errorCode());

            assertEquals(
                    Errors.GROUP_ID_NOT_FOUND.code(),
                    describe(client, "none", 6).errorCode());
            assertEquals("Dead", describe(client, "none", 6).groupState());
            assertEquals(Errors.NONE.code(), describe(client, "none", 5).errorCode());
            assertEquals("Dead", describe(client, "none", 5).groupState());
        }
    }

    @Test
    void aJoinThatWaitsHoldsNoMemoryOnceItsClientHasGone() throws IOException {
        var group = "gone";
        try (var client = connect()) {
            JoinGroupResponseData joined = client.call(ApiKeys.JOIN_GROUP, 3, join(group, 3));
            assertEquals(Errors.NONE.code(), joined.errorCode());
            try (var waits = connect()) {
                waits.send(ApiKeys.JOIN_GROUP, 3, join(group, 3));
                Awaitility.await()
                        .until(() ->
                                describe(client, group, DESCRIBE).groupState().equals("PreparingRebalance"));
                assertTrue(broker.requestMemoryBytes() > 0, "the request is not counted");
            }
            Awaitility.await().untilAsserted(() -> assertEquals(0, broker.requestMemoryBytes()));
            assertEquals(2, describe(client, group, DESCRIBE).members().size());
        }
    }
}
