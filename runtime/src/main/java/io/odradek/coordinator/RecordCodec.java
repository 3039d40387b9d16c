package io.odradek.coordinator;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Coordinators' records as Apache Kafka writes them: the type before the key, the version before the value. */
final class RecordCodec {
    private final RecordTypes types;

    RecordCodec(RecordTypes types) {
        this.types = types;
    }

    static SimpleRecord encode(CoordinatorRecord record, long timestampMs) {
        var key = MessageUtil.toCoordinatorTypePrefixedBytes(record.key());
        var value = record.value()
                .map(v -> MessageUtil.toVersionPrefixedBytes(record.valueVersion(), v))
                .orElse(null);
        return new SimpleRecord(timestampMs, key, value);
    }

    /**
     * @param value null for a tombstone
     * @return empty for a type of record that this version does not know: a newer one may have written it
     * @throws RuntimeException the bytes are no such record, or the value is of an unknown version
     */
    Optional<CoordinatorRecord> decode(ByteBuffer key, ByteBuffer value) {
        short type = key.getShort();
        try {
            var keyMessage = types.newKey(type);
            // Keys have one version each; Kafka writes the type where the version is.
            keyMessage.read(new ByteBufferAccessor(key), keyMessage.lowestSupportedVersion());
            if (value == null) {
                return Optional.of(CoordinatorRecord.tombstone(keyMessage));
            }
            var valueMessage = types.newValue(type);
            short version = value.getShort();
            if (version < valueMessage.lowestSupportedVersion() || version > valueMessage.highestSupportedVersion()) {
                throw new IllegalStateException("A record of type " + type + " with a value of version " + version);
            }
            valueMessage.read(new ByteBufferAccessor(value), version);
            return Optional.of(CoordinatorRecord.of(keyMessage, valueMessage, version));
        } catch (UnsupportedVersionException unknownType) {
            return Optional.empty();
        }
    }
}
