package io.odradek.group;

import static io.odradek.group.OffsetsUnderTest.GROUP;
import static io.odradek.group.OffsetsUnderTest.txnRequest;
import static org.apache.kafka.common.requests.TransactionResult.ABORT;
import static org.apache.kafka.common.requests.TransactionResult.COMMIT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.message.GroupMetadataKey;
import io.odradek.group.message.OffsetCommitValue;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransactionalOffsetsTest {
    private static final long A = 100;
    private static final long B = 200;

    private final OffsetsUnderTest shard = new OffsetsUnderTest(Map.of("offset.metadata.max.bytes", "10"));

    @BeforeEach
    void topics() {
        shard.topic("topic");
    }

    private Map<String, Long> stable() {
        return shard.fetchAll(GROUP, true);
    }

    @Test
    void pendingUntilTheTransactionEnds() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commit(GROUP, "topic", 1, 2);
        shard.commitInTransaction(A, GROUP, "topic", 0, 10);
        assertEquals(Map.of("topic-0", 1L, "topic-1", 2L), shard.fetchAll());
        assertEquals(Map.of("topic-0", -2L, "topic-1", 2L), stable());

        shard.end(A, COMMIT);
        assertEquals(Map.of("topic-0", 10L, "topic-1", 2L), stable());
    }

    @Test
    void droppedWhenItIsAborted() {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commitInTransaction(A, GROUP, "topic", 0, 10);
        shard.commitInTransaction(A, GROUP, "topic", 1, 10);
        shard.end(A, ABORT);
        assertEquals(Map.of("topic-0", 1L), stable());
        shard.end(A, COMMIT);
        assertEquals(Map.of("topic-0", 1L), stable(), "nothing is left of it");
    }

    @ParameterizedTest
    @CsvSource({"COMMIT,10", "ABORT,1"})
    void anOpenTransactionOutlivesARestart(TransactionResult result, long then) {
        shard.commit(GROUP, "topic", 0, 1);
        shard.commitInTransaction(A, GROUP, "topic", 0, 10);
        shard.driver.crash();
        assertEquals(Map.of("topic-0", -2L), stable());
        shard.end(A, result);
        assertEquals(Map.of("topic-0", then), stable());
        shard.driver.compact();
        shard.driver.restart();
        assertEquals(Map.of("topic-0", then), stable());
    }

    /** Compaction keeps the record that was written last: so that one has to count, whenever its transaction ended. */
    @Test
    void whatWasWrittenLastCountsWheneverItsTransactionEnds() {
        shard.commitInTransaction(A, GROUP, "topic", 0, 10);
        shard.commit(GROUP, "topic", 0, 1);
        assertEquals(Map.of("topic-0", -2L), stable(), "still open");
        shard.end(A, COMMIT);
        assertEquals(Map.of("topic-0", 1L), stable());

        shard.commitInTransaction(A, GROUP, "topic", 1, 10);
        shard.commitInTransaction(B, GROUP, "topic", 1, 20);
        shard.end(B, COMMIT);
        assertEquals(Map.of("topic-0", 1L, "topic-1", -2L), stable());
        shard.end(A, COMMIT);
        assertEquals(Map.of("topic-0", 1L, "topic-1", 20L), stable());

        shard.driver.compact();
        shard.driver.crash();
        assertEquals(Map.of("topic-0", 1L, "topic-1", 20L), stable());
    }

    @Test
    void unstableUntilTheLastOfSeveralTransactionsEnds() {
        shard.commitInTransaction(A, GROUP, "topic", 0, 10);
        shard.commitInTransaction(B, GROUP, "topic", 0, 20);
        shard.end(A, COMMIT);
        assertEquals(Map.of("topic-0", -2L), stable());
        shard.end(B, ABORT);
        assertEquals(Map.of("topic-0", 10L), stable());
    }

    @Test
    void aTombstoneEndsWhatIsPending() {
        shard.commitInTransaction(A, GROUP, "topic", 0, 10);
        assertEquals(Errors.NONE, shard.delete(GROUP, "topic", 0));
        shard.end(A, COMMIT);
        assertEquals(Map.of(), stable());

        shard.commitInTransaction(B, GROUP, "topic", 0, 20);
        assertEquals(Errors.NONE, shard.delete(GROUP, "topic", 0));
        shard.commitInTransaction(B, GROUP, "topic", 0, 21);
        shard.end(B, COMMIT);
        assertEquals(Map.of("topic-0", 21L), stable(), "what came after it is not");
    }

    @Test
    void aSimpleGroupBegins() {
        shard.commitInTransaction(A, GROUP, "topic", 0, 10);
        assertTrue(shard.hasGroup());
        shard.driver.restart();
        assertTrue(shard.hasGroup());
    }

    private Errors refusal(int generation) {
        var request = txnRequest(A, GROUP, "topic", 1, 10).setMemberId("member").setGenerationId(generation);
        return Errors.forException(assertThrows(ApiException.class, () -> shard.commitInTransaction(request)));
    }

    @Test
    void ofAMemberWhoseGroupIsGone() {
        assertEquals(Errors.ILLEGAL_GENERATION, refusal(5));
    }

    @ParameterizedTest
    @CsvSource({
        "UNKNOWN_MEMBER_ID,UNKNOWN_MEMBER_ID",
        "ILLEGAL_GENERATION,ILLEGAL_GENERATION",
        "FENCED_INSTANCE_ID,FENCED_INSTANCE_ID",
        "STALE_MEMBER_EPOCH,ILLEGAL_GENERATION"
    })
    void whatTheGroupRefusesIsRefused(Errors refused, Errors answered) {
        var group = new FakeGroup();
        group.refusal = refused;
        shard.add(group);
        assertEquals(answered, refusal(5));
        assertTrue(group.asked.orElseThrow().transactional());

        group.refusal = Errors.NONE;
        group.refusalOfPartition1 = refused;
        assertEquals(answered, refusal(5));
        assertEquals(
                shard.metadata.image().topics().byName("topic").orElseThrow().id(), group.askedTopicId);
        assertTrue(shard.driver.takeWritten().isEmpty());
    }

    @Test
    void metadataTooLarge() {
        var request = txnRequest(A, GROUP, "topic", 1, 10);
        request.topics().get(0).partitions().get(0).setCommittedMetadata("01234567890");
        assertEquals(Errors.OFFSET_METADATA_TOO_LARGE, shard.commitInTransaction(request));
        assertTrue(shard.driver.takeWritten().isEmpty());
    }

    /** Its topic id is not known: a topic of the same name that is created anew gets the offset, as in Kafka. */
    @Test
    void writtenWithoutTopicId() {
        shard.commitInTransaction(A, GROUP, "topic", 0, 10);
        var value =
                (OffsetCommitValue) shard.driver.takeWritten().get(0).value().orElseThrow();
        assertEquals(Uuid.ZERO_UUID, value.topicId());
    }

    @Test
    void nothingButOffsetsIsWrittenInTransactions() {
        var record = CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup(GROUP));
        assertThrows(IllegalStateException.class, () -> shard.driver.shard().replayTransactional(A, (short) 0, record));
    }
}
