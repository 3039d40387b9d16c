package io.odradek.group;

import static io.odradek.group.OffsetsUnderTest.GROUP;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Byte for byte what Apache Kafka writes, and all that it has ever written. */
class OffsetRecordFormatTest {
    private final OffsetsUnderTest shard = new OffsetsUnderTest();
    private final GroupCoordinatorRecordSerde kafka = new GroupCoordinatorRecordSerde();

    private void assertWrittenAs(org.apache.kafka.coordinator.common.runtime.CoordinatorRecord expected) {
        var written = shard.driver.takeWritten().get(0);
        assertArrayEquals(kafka.serializeKey(expected), MessageUtil.toCoordinatorTypePrefixedBytes(written.key()));
        var value = written.value()
                .map(v -> MessageUtil.toVersionPrefixedBytes(written.valueVersion(), v))
                .orElse(null);
        assertArrayEquals(kafka.serializeValue(expected), value);
    }

    private static OffsetAndMetadata offset(
            OptionalInt leaderEpoch, String metadata, long nowMs, OptionalLong expireTimestampMs, Uuid topicId) {
        return new OffsetAndMetadata(42, leaderEpoch, metadata, nowMs, expireTimestampMs, topicId);
    }

    @Test
    void aCommit() {
        var topic = shard.topic("topic");
        var request = shard.commitRequest(GROUP, "topic", 3, 42);
        request.topics().get(0).partitions().get(0).setCommittedLeaderEpoch(7).setCommittedMetadata("näher");
        shard.commit(request, OffsetsUnderTest.LATEST);
        long nowMs = shard.driver.clock().milliseconds();
        assertWrittenAs(GroupCoordinatorRecordHelpers.newOffsetCommitRecord(
                GROUP, "topic", 3, offset(OptionalInt.of(7), "näher", nowMs, OptionalLong.empty(), topic.id())));
    }

    @Test
    void aCommitWithARetention() {
        var topic = shard.topic("topic");
        shard.commit(shard.commitRequest(GROUP, "topic", 3, 42).setRetentionTimeMs(9), 2);
        long nowMs = shard.driver.clock().milliseconds();
        assertWrittenAs(GroupCoordinatorRecordHelpers.newOffsetCommitRecord(
                GROUP, "topic", 3, offset(OptionalInt.empty(), "", nowMs, OptionalLong.of(nowMs + 9), topic.id())));
    }

    @Test
    void aTransactionalCommit() {
        shard.topic("topic");
        shard.commitInTransaction(5, GROUP, "topic", 3, 42);
        long nowMs = shard.driver.clock().milliseconds();
        assertWrittenAs(GroupCoordinatorRecordHelpers.newOffsetCommitRecord(
                GROUP, "topic", 3, offset(OptionalInt.empty(), "", nowMs, OptionalLong.empty(), Uuid.ZERO_UUID)));
    }

    @Test
    void aTombstone() {
        shard.topic("topic");
        shard.commit(GROUP, "topic", 3, 42);
        shard.driver.takeWritten();
        shard.delete(GROUP, "topic", 3);
        var tombstone = GroupCoordinatorRecordHelpers.newOffsetCommitTombstoneRecord(GROUP, "topic", 3);
        assertNull(kafka.serializeValue(tombstone));
        assertWrittenAs(tombstone);
    }

    /** Keys of version 0 are those of Kafka 0.8.1 and older. */
    @ParameterizedTest
    @ValueSource(shorts = {0, 1})
    void oldKeysAreUnderstood(short keyVersion) {
        var key = key(keyVersion);
        var schema = new Schema(
                new Field("offset", Type.INT64),
                new Field("metadata", Type.STRING),
                new Field("timestamp", Type.INT64));
        var value = versioned(
                (short) 0,
                new Struct(schema).set("offset", 42L).set("metadata", "m").set("timestamp", 1L));
        shard.driver.append(key, value);
        assertEquals(Map.of("topic-3", 42L), shard.fetchAll());
        shard.driver.restart();
        assertEquals(Map.of("topic-3", 42L), shard.fetchAll());
        shard.driver.append(key(keyVersion), null);
        assertEquals(Map.of(), shard.fetchAll());
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 1, 2, 3, 4})
    void everyVersionOfTheValueIsUnderstood(short version) {
        var value = new org.apache.kafka.coordinator.group.generated.OffsetCommitValue()
                .setOffset(42)
                .setMetadata("m")
                .setCommitTimestamp(shard.driver.clock().milliseconds())
                .setLeaderEpoch(7)
                .setTopicId(Uuid.randomUuid())
                .setExpireTimestamp(5);
        shard.driver.append(key((short) 1), MessageUtil.toVersionPrefixedByteBuffer(version, value));
        assertEquals(Map.of("topic-3", 42L), shard.fetchAll());
        // Only version 1 has an expire timestamp, here one that has passed.
        shard.driver.advance(600_000);
        assertEquals(version == 1 ? Map.of() : Map.of("topic-3", 42L), shard.fetchAll());
    }

    private static ByteBuffer key(short version) {
        var schema = new Schema(
                new Field("group", Type.STRING), new Field("topic", Type.STRING), new Field("partition", Type.INT32));
        return versioned(
                version,
                new Struct(schema).set("group", GROUP).set("topic", "topic").set("partition", 3));
    }

    private static ByteBuffer versioned(short version, Struct struct) {
        var buffer = ByteBuffer.allocate(2 + struct.sizeOf()).putShort(version);
        struct.writeTo(buffer);
        return buffer.flip();
    }
}
