package io.odradek.group;

import static io.odradek.group.OffsetsUnderTest.GROUP;
import static io.odradek.group.OffsetsUnderTest.LATEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OffsetFetchTest {
    private final OffsetsUnderTest shard = new OffsetsUnderTest();
    private Uuid topicId;

    @BeforeEach
    void commits() {
        topicId = shard.topic("topic").id();
        var request = shard.commitRequest(GROUP, "topic", 0, 42);
        request.topics().get(0).partitions().get(0).setCommittedLeaderEpoch(7).setCommittedMetadata("m");
        shard.commit(request, LATEST);
    }

    private static OffsetFetchRequestGroup request(Uuid id, int partition) {
        return new OffsetFetchRequestGroup()
                .setGroupId(GROUP)
                .setTopics(List.of(new OffsetFetchRequestTopics()
                        .setName("topic")
                        .setTopicId(id)
                        .setPartitionIndexes(List.of(partition))));
    }

    private OffsetFetchResponsePartitions fetch(Uuid id, int partition, boolean requireStable) {
        return shard.driver
                .read(s -> s.offsets().fetch(request(id, partition), requireStable))
                .topics()
                .get(0)
                .partitions()
                .get(0);
    }

    private static OffsetFetchResponsePartitions none(int partition) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(partition)
                .setCommittedOffset(-1)
                .setCommittedLeaderEpoch(-1)
                .setMetadata("");
    }

    @Test
    void whatWasCommitted() {
        var expected = new OffsetFetchResponsePartitions()
                .setPartitionIndex(0)
                .setCommittedOffset(42)
                .setCommittedLeaderEpoch(7)
                .setMetadata("m");
        assertEquals(expected, fetch(Uuid.ZERO_UUID, 0, false));
        assertEquals(expected, fetch(topicId, 0, true));
    }

    @Test
    void nothingWhereNothingWasCommitted() {
        assertEquals(none(1), fetch(Uuid.ZERO_UUID, 1, false));
        var other = request(Uuid.ZERO_UUID, 0).setGroupId("other");
        var answer = shard.driver.read(s -> s.offsets().fetch(other, false));
        assertEquals(Errors.NONE.code(), answer.errorCode());
        assertEquals(none(0), answer.topics().get(0).partitions().get(0));
        assertEquals(Map.of(), shard.fetchAll("other", true));
    }

    @Test
    void offsetsOfATopicThatHadTheNameBeforeAreNone() {
        assertEquals(none(0), fetch(Uuid.randomUuid(), 0, false));
    }

    @Test
    void unstable() {
        shard.commitInTransaction(1, GROUP, "topic", 0, 50);
        shard.commitInTransaction(1, GROUP, "topic", 1, 50);
        assertEquals(42, fetch(topicId, 0, false).committedOffset());
        for (int partition : List.of(0, 1)) {
            assertEquals(
                    none(partition).setErrorCode(Errors.UNSTABLE_OFFSET_COMMIT.code()),
                    fetch(topicId, partition, true));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"UNKNOWN_MEMBER_ID", "STALE_MEMBER_EPOCH"})
    void whatTheGroupRefusesIsRefused(Errors error) {
        var group = new FakeGroup();
        group.refusal = error;
        shard.add(group);
        assertEquals(error, Errors.forException(assertThrows(ApiException.class, () -> fetch(topicId, 0, false))));
        assertEquals(error, Errors.forException(assertThrows(ApiException.class, shard::fetchAll)));
    }
}
