package io.odradek.api.group;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.junit.jupiter.api.Test;

class HeartbeatChecksTest {
    private static final List<String> ASSIGNORS = List.of("uniform", "range");

    private static ConsumerGroupHeartbeatRequestData join() {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId("group")
                .setMemberId("member")
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(1000)
                .setSubscribedTopicNames(List.of())
                .setTopicPartitions(List.of());
    }

    private static ConsumerGroupHeartbeatRequestData heartbeat(int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId("group")
                .setMemberId("member")
                .setMemberEpoch(epoch);
    }

    private static void check(ConsumerGroupHeartbeatRequestData request, int version) {
        HeartbeatChecks.check(request, (short) version, ASSIGNORS);
    }

    private static void refused(String why, ConsumerGroupHeartbeatRequestData request) {
        assertEquals(
                why,
                assertThrows(InvalidRequestException.class, () -> check(request, 1))
                        .getMessage());
    }

    @Test
    void whatIsAllRight() {
        check(join(), 1);
        check(join().setMemberId(""), 0);
        check(join().setSubscribedTopicNames(null).setSubscribedTopicRegex(""), 1);
        check(heartbeat(7), 1);
        check(heartbeat(-1), 1);
        check(heartbeat(-2).setInstanceId("one"), 1);
        assertDoesNotThrow(() -> check(join().setServerAssignor("range"), 1));
    }

    @Test
    void idsMustNotBeEmpty() {
        refused("MemberId can't be empty.", join().setMemberId(""));
        refused("GroupId can't be empty.", join().setGroupId(" "));
        refused("InstanceId can't be empty.", join().setInstanceId(""));
        refused("RackId can't be empty.", join().setRackId(""));
        // A coordinator made up the id in version 0, but only for who joins.
        assertThrows(InvalidRequestException.class, () -> check(heartbeat(5).setMemberId(""), 0));
    }

    @Test
    void idsMustFitIntoARecordsKey() {
        refused("MemberId is too long.", join().setMemberId("m".repeat(32_768)));
        refused("GroupId is too long.", join().setGroupId("\u20ac".repeat(11_000)));
        check(join().setMemberId("m".repeat(32_767)), 1);
    }

    @Test
    void whoJoinsSaysEverything() {
        refused("RebalanceTimeoutMs must be provided in first request.", join().setRebalanceTimeoutMs(-1));
        refused("TopicPartitions must be empty when (re-)joining.", join().setTopicPartitions(null));
        refused(
                "TopicPartitions must be empty when (re-)joining.",
                join().setTopicPartitions(List.of(new TopicPartitions())));
        refused(
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
                join().setSubscribedTopicNames(null));
    }

    @Test
    void epochsThatMeanNothing() {
        refused("InstanceId can't be null.", heartbeat(-2));
        refused("MemberEpoch is invalid.", heartbeat(-3));
        refused("MemberEpoch is invalid.", heartbeat(Integer.MIN_VALUE));
    }

    @Test
    void anAssignorThatIsNotServed() {
        var refusal =
                assertThrows(UnsupportedAssignorException.class, () -> check(join().setServerAssignor("sticky"), 1));
        assertEquals(
                "ServerAssignor sticky is not supported. Supported assignors: uniform, range.", refusal.getMessage());
    }
}
