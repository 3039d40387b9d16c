package io.odradek.group;

import static io.odradek.group.OffsetsUnderTest.GROUP;
import static io.odradek.group.OffsetsUnderTest.LATEST;
import static org.apache.kafka.common.requests.TransactionResult.ABORT;
import static org.apache.kafka.common.requests.TransactionResult.COMMIT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.message.GroupMetadataKey;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.GroupState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OffsetExpiryTest {
    private static final int RETENTION_MS = 10 * 60_000;
    private static final int CHECK_MS = 1000;

    private final OffsetsUnderTest shard = new OffsetsUnderTest(
            Map.of("offsets.retention.minutes", "10", "offsets.retention.check.interval.ms", "" + CHECK_MS));

    @BeforeEach
    void topics() {
        shard.topic("topic");
        shard.topic("other");
    }

    private boolean forgetsTheGroup() {
        return shard.driver.takeWritten().stream()
                .map(CoordinatorRecord::key)
                .anyMatch(GroupMetadataKey.class::isInstance);
    }

    @Test
    void aSimpleGroupGoesWithItsLastOffset() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.driver.advance(CHECK_MS);
        shard.commit(GROUP, "topic", 1, 2);

        shard.driver.advance(RETENTION_MS - CHECK_MS - 1);
        assertEquals(Map.of("topic-0", 1L, "topic-1", 2L), shard.fetchAll());
        shard.driver.advance(1);
        assertEquals(Map.of("topic-1", 2L), shard.fetchAll());
        assertTrue(shard.hasGroup());
        assertFalse(forgetsTheGroup());

        shard.driver.advance(CHECK_MS);
        assertEquals(Map.of(), shard.fetchAll());
        assertFalse(shard.hasGroup());
        assertTrue(forgetsTheGroup());

        shard.driver.advance(10 * CHECK_MS);
        assertTrue(shard.driver.takeWritten().isEmpty(), "nothing is left to be forgotten");
        shard.driver.restart();
        assertFalse(shard.hasGroup());
    }

    @Test
    void goesOnAfterARestart() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.driver.advance(RETENTION_MS / 2);
        shard.driver.crash();
        shard.driver.advance(RETENTION_MS / 2 - 1);
        assertEquals(Map.of("topic-0", 1L), shard.fetchAll());
        shard.driver.advance(CHECK_MS);
        assertEquals(Map.of(), shard.fetchAll());
    }

    @Test
    void aClientsOwnRetentionComesFirst() {
        shard.commit(shard.commitRequest(GROUP, "topic", 0, 1).setRetentionTimeMs(CHECK_MS * 2), 4);
        shard.commit(shard.commitRequest(GROUP, "topic", 1, 1).setRetentionTimeMs(RETENTION_MS * 2), 4);
        shard.driver.advance(CHECK_MS);
        assertEquals(Map.of("topic-0", 1L, "topic-1", 1L), shard.fetchAll());
        shard.driver.advance(CHECK_MS);
        assertEquals(Map.of("topic-1", 1L), shard.fetchAll());
        shard.driver.advance(RETENTION_MS);
        assertEquals(Map.of("topic-1", 1L), shard.fetchAll());
        shard.driver.advance(RETENTION_MS);
        assertEquals(Map.of(), shard.fetchAll());
    }

    @Test
    void countedFromWhenTheGroupWasLeft() {
        var group = new FakeGroup();
        shard.add(group);
        shard.commit(GROUP, "topic", 0, 1);
        long leftAt = shard.driver.clock().milliseconds() + RETENTION_MS;
        group.expiration = Optional.of(new OffsetExpiration.SinceEmpty(leftAt));
        shard.driver.advance(RETENTION_MS + CHECK_MS);
        assertEquals(Map.of("topic-0", 1L), shard.fetchAll());
        shard.driver.advance(RETENTION_MS - CHECK_MS);
        assertEquals(Map.of(), shard.fetchAll());
        assertTrue(forgetsTheGroup());
    }

    @Test
    void notWhileTheGroupSaysNever() {
        var group = new FakeGroup();
        shard.add(group);
        shard.commit(GROUP, "topic", 0, 1);
        group.expiration = Optional.empty();
        shard.driver.advance(10 * RETENTION_MS);
        assertEquals(Map.of("topic-0", 1L), shard.fetchAll());
    }

    @Test
    void notOfTopicsThatAreRead() {
        var group = new FakeGroup();
        group.state = GroupState.STABLE;
        group.subscribed.add("topic");
        shard.add(group);
        shard.commit(GROUP, "topic", 0, 1);
        shard.commit(GROUP, "other", 0, 1);
        shard.driver.advance(RETENTION_MS + CHECK_MS);
        assertEquals(Map.of("topic-0", 1L), shard.fetchAll());
        group.subscribed.clear();
        shard.driver.advance(CHECK_MS);
        assertEquals(Map.of(), shard.fetchAll());
        assertFalse(forgetsTheGroup(), "it has members");
        group.state = GroupState.EMPTY;
        shard.driver.advance(CHECK_MS);
        assertTrue(forgetsTheGroup());
    }

    @Test
    void notWhileATransactionMayChangeIt() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commitInTransaction(7, GROUP, "topic", 0, 2);
        shard.commitInTransaction(8, GROUP, "topic", 1, 2);
        shard.driver.advance(RETENTION_MS + CHECK_MS);
        assertEquals(Map.of("topic-0", 1L), shard.fetchAll());
        assertTrue(shard.hasGroup());
        shard.end(7, ABORT);
        shard.driver.advance(CHECK_MS);
        assertEquals(Map.of(), shard.fetchAll());
        assertTrue(shard.hasGroup(), "an offset of it is still pending");
        shard.end(8, COMMIT);
        assertEquals(Map.of("topic-1", 2L), shard.fetchAll());
        shard.driver.advance(CHECK_MS);
        assertFalse(shard.hasGroup());
    }

    @Test
    void inStepsThatFitIntoBatches() {
        for (int group = 0; group < 1500; group++) {
            shard.commit("group-" + group, "topic", group % 10, 1);
        }
        for (int partition = 0; partition < 10; partition++) {
            shard.commit(GROUP, "topic", partition, 1);
        }
        shard.driver.takeWritten();
        shard.driver.advance(RETENTION_MS + CHECK_MS);
        assertEquals(1500 + 10 + 1501, shard.driver.takeWritten().size());
        assertTrue(shard.driver.shard().groups().all().isEmpty());
    }

    @Test
    void newestVersionHasNoRetentionOfItsOwn() {
        shard.commit(shard.commitRequest(GROUP, "topic", 0, 1), LATEST);
        assertEquals(4, shard.driver.takeWritten().get(0).valueVersion());
    }
}
