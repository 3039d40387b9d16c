package io.odradek.transaction;

import static io.odradek.transaction.TransactionWorld.V0;
import static io.odradek.transaction.TransactionWorld.V2;
import static io.odradek.transaction.TransactionWorld.error;
import static io.odradek.transaction.TransactionWorld.partitions;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.re2j.Pattern;
import io.odradek.transaction.message.TransactionLogValue;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.utils.ProducerIdAndEpoch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionShardTest {
    private static final String ID = "id";

    private final TransactionWorld world = new TransactionWorld();

    private static ProducerIdAndEpoch producer(long id, int epoch) {
        return new ProducerIdAndEpoch(id, (short) epoch);
    }

    @Test
    void aTransactionGoesThroughItsStatesAsKafkaWritesThem() {
        var me = world.init(ID);
        assertEquals(producer(1000, 0), me);
        assertEquals(TransactionState.EMPTY, world.state(ID).state());

        world.add(ID, me, V2, "t-0", "t-1");
        assertEquals(TransactionState.ONGOING, world.state(ID).state());

        var next = world.commit(ID, me, V2);
        assertEquals(producer(1000, 1), next);
        assertEquals(TransactionState.PREPARE_COMMIT, world.state(ID).state());
        var sent = world.markers.getFirst();
        assertEquals(new TransactionMarker(1000, (short) 1, 0, TransactionResult.COMMIT, V2), sent.marker());
        assertEquals(partitions("t-0", "t-1"), sent.partitions());

        world.writeMarkers();
        assertEquals(TransactionState.COMPLETE_COMMIT, world.state(ID).state());
        assertEquals(Set.of(), world.state(ID).partitions());
        var written = world.driver.takeWritten().stream()
                .map(r -> (TransactionLogValue) r.value().orElseThrow())
                .toList();
        assertEquals(
                List.of(0, 1, 2, 4),
                written.stream().map(v -> (int) v.transactionStatus()).toList());
        assertEquals(null, written.get(0).transactionPartitions());
        assertEquals(
                List.of(0, 1), written.get(1).transactionPartitions().get(0).partitionIds());
        assertEquals(List.of(), written.get(3).transactionPartitions());
        assertEquals(-1, written.get(0).transactionStartTimestampMs());
        assertEquals(2, written.get(2).clientTransactionVersion());
    }

    @Test
    void beforeVersion2TheProducerStaysWhoItIs() {
        world.level = 1;
        var me = world.init(ID);
        world.add(ID, me, V0, "t-0");
        assertEquals(ProducerIdAndEpoch.NONE, world.abort(ID, me, V0));
        assertEquals(
                new TransactionMarker(1000, (short) 0, 0, TransactionResult.ABORT, V0),
                world.markers.getFirst().marker());
        world.writeMarkers();
        assertEquals(TransactionState.COMPLETE_ABORT, world.state(ID).state());
        world.add(ID, me, V0, "t-0");
        world.commit(ID, me, V0);
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 1, 2})
    void recordsHaveTheVersionOfTheFeature(short level) {
        world.level = level;
        world.add(ID, world.init(ID), V0, "t-0");
        assertTrue(world.driver.takeWritten().stream().allMatch(r -> r.valueVersion() == (level == 0 ? 0 : 1)));
    }

    @Test
    void whileATransactionEndsNothingElseHappens() {
        var me = world.init(ID);
        world.add(ID, me, V2, "t-0");
        var next = world.commit(ID, me, V2);
        assertEquals(Errors.CONCURRENT_TRANSACTIONS, error(() -> world.init(ID)));
        assertEquals(Errors.CONCURRENT_TRANSACTIONS, error(() -> world.add(ID, next, V2, "t-1")));
        assertEquals(Errors.CONCURRENT_TRANSACTIONS, error(() -> world.commit(ID, me, V2)));
        assertEquals(Errors.INVALID_TXN_STATE, error(() -> world.abort(ID, me, V2)));
        assertEquals(
                Errors.CONCURRENT_TRANSACTIONS,
                error(() -> world.driver.read(s -> s.verifyPartitions(ID, 1000, next.epoch, partitions("t-0")))));
        world.writeMarkers();
        world.add(ID, next, V2, "t-1");
    }

    /** The table of {@link EndOfTransaction}. */
    @ParameterizedTest
    @CsvSource({
        "EMPTY, ABORT, 1, PRODUCER_FENCED", "EMPTY, ABORT, 0, NONE",
        "EMPTY, COMMIT, 1, PRODUCER_FENCED", "EMPTY, COMMIT, 0, INVALID_TXN_STATE",
        "COMPLETE_ABORT, ABORT, 1, NONE", "COMPLETE_ABORT, ABORT, 0, NONE",
        "COMPLETE_ABORT, COMMIT, 1, INVALID_TXN_STATE", "COMPLETE_ABORT, COMMIT, 0, INVALID_TXN_STATE",
        "COMPLETE_COMMIT, ABORT, 1, INVALID_TXN_STATE", "COMPLETE_COMMIT, ABORT, 0, NONE",
        "COMPLETE_COMMIT, COMMIT, 1, NONE", "COMPLETE_COMMIT, COMMIT, 0, INVALID_TXN_STATE",
    })
    void whatAnEndMeansInVersion2(TransactionState state, TransactionResult result, int behind, Errors expected) {
        var me = world.init(ID);
        me = world.init(ID, me);
        if (state != TransactionState.EMPTY) {
            world.add(ID, me, V2, "t-0");
            me = world.end(
                    ID,
                    me,
                    state == TransactionState.COMPLETE_COMMIT ? TransactionResult.COMMIT : TransactionResult.ABORT,
                    V2);
            world.writeMarkers();
        }
        var asking = producer(me.producerId, me.epoch - behind);
        var current = me;
        assertEquals(expected, error(() -> {
            var answer = world.end(ID, asking, result, V2);
            assertEquals(producer(current.producerId, current.epoch + (behind == 0 ? 1 : 0)), answer);
        }));
        assertEquals(expected == Errors.NONE && behind == 0, !world.markers.isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "EMPTY, ABORT, INVALID_TXN_STATE", "EMPTY, COMMIT, INVALID_TXN_STATE",
        "COMPLETE_ABORT, ABORT, NONE", "COMPLETE_ABORT, COMMIT, INVALID_TXN_STATE",
        "COMPLETE_COMMIT, ABORT, INVALID_TXN_STATE", "COMPLETE_COMMIT, COMMIT, NONE",
    })
    void whatAnEndMeansBeforeVersion2(TransactionState state, TransactionResult result, Errors expected) {
        var me = world.init(ID);
        if (state != TransactionState.EMPTY) {
            world.add(ID, me, V0, "t-0");
            world.end(
                    ID,
                    me,
                    state == TransactionState.COMPLETE_COMMIT ? TransactionResult.COMMIT : TransactionResult.ABORT,
                    V0);
            world.writeMarkers();
        }
        assertEquals(expected, error(() -> world.end(ID, me, result, V0)));
        assertTrue(world.markers.isEmpty());
    }

    @Test
    void strangersAreToldSo() {
        var me = world.init(ID);
        assertEquals(Errors.INVALID_PRODUCER_ID_MAPPING, error(() -> world.add("other", me, V2, "t-0")));
        assertEquals(Errors.INVALID_PRODUCER_ID_MAPPING, error(() -> world.add(ID, producer(1, 0), V2, "t-0")));
        assertEquals(Errors.PRODUCER_FENCED, error(() -> world.add(ID, producer(1000, 1), V2, "t-0")));
        assertEquals(Errors.INVALID_PRODUCER_ID_MAPPING, error(() -> world.commit("other", me, V2)));
        assertEquals(Errors.INVALID_PRODUCER_ID_MAPPING, error(() -> world.commit(ID, producer(1, 0), V2)));
        assertEquals(Errors.PRODUCER_FENCED, error(() -> world.commit(ID, producer(1000, 5), V0)));
        assertEquals(Errors.PRODUCER_FENCED, error(() -> world.init(ID, producer(1, 0))));
        assertEquals(1, world.driver.takeWritten().size());
    }

    @ParameterizedTest
    @ValueSource(shorts = {1, 2})
    void aNewProducerAbortsWhatTheOldOneLeftOpen(short level) {
        world.level = level;
        var old = world.init(ID);
        world.add(ID, old, level == 2 ? V2 : V0, "t-0");
        assertEquals(Errors.CONCURRENT_TRANSACTIONS, error(() -> world.init(ID)));
        assertEquals(
                new TransactionMarker(1000, (short) 1, 0, TransactionResult.ABORT, level == 2 ? V2 : V0),
                world.markers.getFirst().marker());
        assertEquals(Errors.CONCURRENT_TRANSACTIONS, error(() -> world.init(ID)));
        world.writeMarkers();
        assertEquals(producer(1000, 2), world.init(ID));
        assertEquals(Errors.PRODUCER_FENCED, error(() -> world.commit(ID, old, V0)));
        assertEquals(Errors.PRODUCER_FENCED, error(() -> world.add(ID, old, V0, "t-0")));
    }

    /** KIP-360. */
    @Test
    void aProducerThatMissedTheAnswerAsksAgain() {
        var me = world.init(ID);
        assertEquals(producer(1000, 1), world.init(ID, me));
        assertEquals(producer(1000, 1), world.init(ID, me));
        assertEquals(producer(1000, 2), world.init(ID));
        assertEquals(Errors.PRODUCER_FENCED, error(() -> world.init(ID, me)));
    }

    @Test
    void whoIsForgottenGetsAnotherId() {
        assertEquals(producer(1000, 0), world.init(ID, producer(77, 5)));
    }

    @Test
    void exhaustedEpochsGiveAnotherProducerId() {
        var me = world.init(ID);
        for (int epoch = 1; epoch < Short.MAX_VALUE; epoch++) {
            me = world.init(ID);
            world.driver.takeWritten();
        }
        assertEquals(producer(1000, Short.MAX_VALUE - 1), me);
        assertEquals(producer(1001, 0), world.init(ID, me));
        assertEquals(producer(1001, 0), world.init(ID, me), "the answer was missed");
        assertEquals(Errors.PRODUCER_FENCED, error(() -> world.init(ID, producer(1000, 3))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTransactionWithTheLastEpochEndsWithTheNextProducerId(boolean restarted) {
        var me = world.init(ID);
        while (me.epoch < Short.MAX_VALUE - 1) {
            me = world.init(ID);
        }
        world.driver.takeWritten();
        world.add(ID, me, V2, "t-0");
        var next = world.commit(ID, me, V2);
        assertEquals(producer(1001, 0), next);
        assertEquals(Short.MAX_VALUE, world.markers.getFirst().marker().producerEpoch());
        assertEquals(1000, world.markers.getFirst().marker().producerId());
        if (restarted) {
            world.markers.clear();
            world.driver.restart();
            world.advance(0);
        }
        world.writeMarkers();
        assertEquals(producer(1001, 0), world.commit(ID, me, V2), "asked again");
        world.add(ID, next, V2, "t-0");
        assertEquals(producer(1001, 1), world.commit(ID, next, V2));
    }

    @Test
    void fencingWithTheLastEpochRotatesToo() {
        var me = world.init(ID);
        while (me.epoch < Short.MAX_VALUE - 1) {
            me = world.init(ID);
        }
        world.add(ID, me, V2, "t-0");
        assertEquals(Errors.CONCURRENT_TRANSACTIONS, error(() -> world.init(ID)));
        world.writeMarkers();
        assertEquals(producer(1001, 1), world.init(ID));
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 2})
    void whatTakesTooLongIsAborted(short level) {
        world.level = level;
        var me = world.init(ID);
        world.add(ID, me, level, "t-0");
        world.advance(TransactionWorld.TIMEOUT_MS);
        assertEquals(TransactionState.ONGOING, world.state(ID).state());
        world.advance(10_000);
        assertEquals(TransactionState.PREPARE_ABORT, world.state(ID).state());
        assertEquals(1, world.markers.getFirst().marker().producerEpoch());
        world.writeMarkers();
        assertEquals(Errors.PRODUCER_FENCED, error(() -> world.commit(ID, me, V0)));
        world.advance(10_000);
        assertFalse(world.driver.timers().contains(TransactionShard.ABORT_TIMER));
    }

    @Test
    void aTransactionOpenBeforeARestartTimesOutAfterIt() {
        world.add(ID, world.init(ID), V2, "t-0");
        world.driver.restart();
        world.advance(TransactionWorld.TIMEOUT_MS + 10_000);
        assertEquals(TransactionState.PREPARE_ABORT, world.state(ID).state());
    }

    @Test
    void aPreparedTransactionIsFinishedAfterACrash() {
        var me = world.init(ID);
        world.add(ID, me, V2, "t-0", "u-3");
        world.commit(ID, me, V2);
        var before = world.markers.poll();
        world.driver.restart();
        assertFalse(before.inCharge().getAsBoolean());
        assertTrue(world.markers.isEmpty());
        world.advance(0);

        var again = world.markers.getFirst();
        assertEquals(partitions("t-0", "u-3"), again.partitions());
        assertEquals(new TransactionMarker(1000, (short) 1, 1, TransactionResult.COMMIT, V2), again.marker());
        world.writeMarkers();
        assertEquals(TransactionState.COMPLETE_COMMIT, world.state(ID).state());
        // The one that was under way comes late.
        world.driver.write(shard -> shard.complete(before));
        assertEquals(producer(1000, 1), world.commit(ID, me, V2));
    }

    @Test
    void idsThatRestAreForgotten() {
        world.init("rests");
        var me = world.init("works");
        world.add("works", me, V2, "t-0");
        world.advance(7 * 24 * 3_600_000L);
        world.advance(3_600_000L);
        assertEquals(Optional.empty(), world.driver.read(s -> s.describe("rests")));
        // Timed out, but its markers are not written: not to be forgotten.
        assertEquals(TransactionState.PREPARE_ABORT, world.state("works").state());
        world.driver.restart();
        assertEquals(Optional.empty(), world.driver.read(s -> s.describe("rests")));
        assertEquals(producer(1002, 0), world.init("rests"));
    }

    @Test
    void manyIdsAreForgottenInParts() {
        for (int i = 0; i < 2500; i++) {
            world.init("id" + i);
        }
        world.driver.takeWritten();
        world.advance(7 * 24 * 3_600_000L + 3_600_000L);
        assertEquals(2500, world.driver.takeWritten().size());
        assertFalse(world.driver.timers().contains(TransactionShard.EXPIRY_TIMER));
    }

    @Test
    void partitionsAreVerified() {
        var me = world.init(ID);
        world.add(ID, me, V0, "t-0");
        Map<TopicPartition, Errors> result =
                world.driver.read(s -> s.verifyPartitions(ID, me.producerId, me.epoch, partitions("t-0", "t-1")));
        assertEquals(
                Map.of(
                        new TopicPartition("t", 0), Errors.NONE,
                        new TopicPartition("t", 1), Errors.TRANSACTION_ABORTABLE),
                result);
    }

    @Test
    void whatIsInTheTransactionAlreadyIsNotWrittenAgain() {
        var me = world.init(ID);
        world.add(ID, me, V2, "t-0", "t-1");
        world.driver.takeWritten();
        world.add(ID, me, V2, "t-1");
        assertEquals(List.of(), world.driver.takeWritten());
    }

    @Test
    void twoPhaseTransactionsNeverTimeOut() {
        world.driver.write(
                shard -> shard.initProducerId(ID, Transaction.NO_TIMEOUT_MS, Optional.empty(), OptionalLong.of(5)));
        world.add(ID, producer(5, 0), V2, "t-0");
        world.advance(30L * 24 * 3_600_000);
        assertEquals(TransactionState.ONGOING, world.state(ID).state());
    }

    @Test
    void filtersOfTheListing() {
        world.init("a1");
        var b = world.init("b1");
        world.add("b1", b, V2, "t-0");
        world.advance(5_000);
        assertEquals(List.of("a1", "b1"), list(Set.of(), EnumSet.allOf(TransactionState.class), -1, ""));
        assertEquals(List.of("b1"), list(Set.of(), EnumSet.of(TransactionState.ONGOING), -1, ""));
        assertEquals(List.of(), list(Set.of(), EnumSet.noneOf(TransactionState.class), -1, ""));
        assertEquals(List.of("b1"), list(Set.of(b.producerId), EnumSet.allOf(TransactionState.class), -1, ""));
        assertEquals(List.of("a1"), list(Set.of(), EnumSet.allOf(TransactionState.class), -1, "a.*"));
        assertEquals(List.of(), list(Set.of(), EnumSet.allOf(TransactionState.class), -1, "a"));
        assertEquals(List.of("b1"), list(Set.of(), EnumSet.of(TransactionState.ONGOING), 4_999, ""));
        assertEquals(List.of(), list(Set.of(), EnumSet.of(TransactionState.ONGOING), 5_000, ""));
    }

    private List<String> list(Set<Long> producers, Set<TransactionState> states, long durationMs, String pattern) {
        var filter = new TransactionFilter(
                producers,
                states,
                durationMs,
                Optional.of(pattern).filter(p -> !p.isEmpty()).map(Pattern::compile));
        return world.driver.read(s -> s.list(filter)).stream()
                .map(TransactionListing::transactionalId)
                .sorted()
                .toList();
    }
}
