package io.odradek.group;

import static io.odradek.group.OffsetsUnderTest.GROUP;
import static org.apache.kafka.common.requests.TransactionResult.COMMIT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Offsets that are deleted one by one, and those of topics that are. */
class OffsetDeletionTest {
    private final OffsetsUnderTest shard = new OffsetsUnderTest();

    @BeforeEach
    void topics() {
        shard.topic("topic");
        shard.topic("other");
    }

    @Test
    void oneByOne() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commit(GROUP, "topic", 1, 2);
        assertEquals(Errors.NONE, shard.delete(GROUP, "topic", 0));
        assertEquals(Map.of("topic-1", 2L), shard.fetchAll());
        shard.driver.takeWritten();
        assertEquals(Errors.NONE, shard.delete(GROUP, "topic", 7));
        assertTrue(shard.driver.takeWritten().isEmpty(), "it was not there");
        shard.driver.restart();
        assertEquals(Map.of("topic-1", 2L), shard.fetchAll());
    }

    @Test
    void notOfATopicThatIsRead() {
        shard.commit(GROUP, "topic", 0, 1);
        var group = new FakeGroup();
        group.subscribed.add("topic");
        shard.add(group);
        assertEquals(Errors.GROUP_SUBSCRIBED_TO_TOPIC, shard.delete(GROUP, "topic", 0));
        assertEquals(Map.of("topic-0", 1L), shard.fetchAll());
    }

    @ParameterizedTest
    @EnumSource(names = {"NON_EMPTY_GROUP", "GROUP_ID_NOT_FOUND"})
    void whatTheGroupRefusesIsRefused(Errors error) {
        if (error == Errors.NON_EMPTY_GROUP) {
            var group = new FakeGroup();
            group.refusal = error;
            shard.add(group);
        }
        var thrown = assertThrows(ApiException.class, () -> shard.delete(GROUP, "topic", 0));
        assertEquals(error, Errors.forException(thrown));
    }

    @Test
    void withItsTopic() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commit("another", "topic", 3, 1);
        shard.commit(GROUP, "other", 0, 2);
        shard.commitInTransaction(7, GROUP, "topic", 1, 3);
        shard.deleteTopic("topic");
        shard.driver.advance(0);
        shard.end(7, COMMIT);
        assertEquals(Map.of("other-0", 2L), shard.fetchAll());
        assertEquals(Map.of(), shard.fetchAll("another", false));
        shard.driver.restart();
        assertEquals(Map.of("other-0", 2L), shard.fetchAll());
    }

    @Test
    void notThatOfATopicOfTheSameName() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commit(GROUP, "topic", 1, 1);
        shard.deleteTopic("topic");
        shard.topic("topic");
        shard.commit(GROUP, "topic", 0, 2);
        shard.driver.advance(0);
        assertEquals(Map.of("topic-0", 2L), shard.fetchAll());
    }

    @Test
    void inStepsThatFitIntoBatches() {
        for (int group = 0; group < 300; group++) {
            for (int partition = 0; partition < 10; partition++) {
                shard.commit("group-" + group, "topic", partition, 1);
                shard.commit("group-" + group, "other", partition, 1);
            }
        }
        shard.driver.takeWritten();
        shard.deleteTopic("topic");
        shard.deleteTopic("other");
        shard.driver.advance(0);
        assertEquals(2 * 300 * 10, shard.driver.takeWritten().size());
        for (int group = 0; group < 300; group++) {
            assertEquals(Map.of(), shard.fetchAll("group-" + group, false));
        }
    }
}
