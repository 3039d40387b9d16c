package io.odradek.group;

import static io.odradek.group.OffsetsUnderTest.GROUP;
import static io.odradek.group.OffsetsUnderTest.LATEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.group.message.OffsetCommitValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OffsetCommitTest {
    private final OffsetsUnderTest shard = new OffsetsUnderTest(Map.of("offset.metadata.max.bytes", "10"));

    @BeforeEach
    void topics() {
        shard.topic("topic");
    }

    private OffsetCommitRequestData request() {
        return shard.commitRequest(GROUP, "topic", 0, 42);
    }

    private Errors refusal(OffsetCommitRequestData request, int version) {
        return Errors.forException(assertThrows(ApiException.class, () -> shard.commit(request, version)));
    }

    private OffsetCommitValue written() {
        return (OffsetCommitValue) shard.driver.takeWritten().get(0).value().orElseThrow();
    }

    @Test
    void aConsumerOutsideOfAnyGroupCreatesASimpleOne() {
        assertEquals(Errors.NONE, shard.commit(request(), LATEST));

        var group = shard.driver.shard().groups().get(GROUP).orElseThrow();
        assertEquals(GroupState.EMPTY, group.state());
        assertEquals(Optional.empty(), group.protocolType());
        assertEquals(Map.of("topic-0", 42L), shard.fetchAll());
        shard.driver.restart();
        assertTrue(shard.hasGroup());
        assertEquals(Map.of("topic-0", 42L), shard.fetchAll());
    }

    @Test
    void aMemberOfAGroupThatIsGoneIsToldSoInTheWordsItKnows() {
        assertEquals(Errors.GROUP_ID_NOT_FOUND, refusal(request().setGenerationIdOrMemberEpoch(5), 9));
        assertEquals(Errors.ILLEGAL_GENERATION, refusal(request().setGenerationIdOrMemberEpoch(5), 8));
        assertFalse(shard.hasGroup());
        assertTrue(shard.driver.takeWritten().isEmpty());
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "UNKNOWN_MEMBER_ID",
                "ILLEGAL_GENERATION",
                "STALE_MEMBER_EPOCH",
                "FENCED_INSTANCE_ID",
                "REBALANCE_IN_PROGRESS",
                "UNSUPPORTED_VERSION"
            })
    void whatTheGroupRefusesIsRefused(Errors error) {
        var group = new FakeGroup();
        group.refusal = error;
        shard.add(group);
        var request =
                request().setMemberId("member").setGroupInstanceId("instance").setGenerationIdOrMemberEpoch(7);
        assertEquals(error, refusal(request, 9));
        assertEquals(
                Optional.of(new OffsetCommitter("member", Optional.of("instance"), 7, false, (short) 9)), group.asked);
        assertTrue(shard.driver.takeWritten().isEmpty());
    }

    /** As in Kafka the first partition that is refused speaks for all: nothing is written. */
    @Test
    void theGroupJudgesEachPartition() {
        var group = new FakeGroup();
        group.refusalOfPartition1 = Errors.STALE_MEMBER_EPOCH;
        shard.add(group);
        assertEquals(Errors.NONE, shard.commit(request(), LATEST));
        assertEquals(request().topics().get(0).topicId(), group.askedTopicId);

        var both = request();
        both.topics()
                .get(0)
                .setPartitions(List.of(
                        both.topics().get(0).partitions().get(0),
                        shard.commitRequest(GROUP, "topic", 1, 43)
                                .topics()
                                .get(0)
                                .partitions()
                                .get(0)));
        shard.driver.takeWritten();
        assertEquals(Errors.STALE_MEMBER_EPOCH, refusal(both, LATEST));
        assertTrue(shard.driver.takeWritten().isEmpty());
    }

    @Test
    void metadataMayBeSoLongAndNotLonger() {
        var request = request();
        var partition = request.topics().get(0).partitions().get(0);
        partition.setCommittedMetadata("0123456789");
        assertEquals(Errors.NONE, shard.commit(request, LATEST));
        assertEquals("0123456789", written().metadata());

        partition.setCommittedMetadata("01234567890");
        assertEquals(Errors.OFFSET_METADATA_TOO_LARGE, shard.commit(request, LATEST));
        assertTrue(shard.driver.takeWritten().isEmpty());

        partition.setCommittedMetadata(null);
        assertEquals(Errors.NONE, shard.commit(request, LATEST));
        assertEquals("", written().metadata());
    }

    @Test
    void retentionOfAnOldClientIsKeptWithTheOffset() {
        shard.commit(request().setRetentionTimeMs(5000), 4);
        var record = shard.driver.takeWritten().get(0);
        assertEquals(1, record.valueVersion());
        var value = assertInstanceOf(OffsetCommitValue.class, record.value().orElseThrow());
        assertEquals(shard.driver.clock().milliseconds() + 5000, value.expireTimestamp());
    }

    @Test
    void theNewestCommitCounts() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commit(GROUP, "topic", 1, 2);
        shard.commit(GROUP, "topic", 0, 3);
        shard.commit("other", "topic", 0, 4);
        assertEquals(Map.of("topic-0", 3L, "topic-1", 2L), shard.fetchAll());
        shard.driver.compact();
        shard.driver.crash();
        assertEquals(Map.of("topic-0", 3L, "topic-1", 2L), shard.fetchAll());
    }

    @Test
    void deletedWithItsGroup() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commitInTransaction(7, GROUP, "topic", 1, 2);
        assertEquals(Errors.NONE, shard.driver.write(s -> s.delete(GROUP)));
        assertEquals(Map.of(), shard.fetchAll(GROUP, true));
        assertFalse(shard.hasGroup());
        shard.end(7, TransactionResult.COMMIT);
        assertEquals(Map.of(), shard.fetchAll(GROUP, true));
    }
}
