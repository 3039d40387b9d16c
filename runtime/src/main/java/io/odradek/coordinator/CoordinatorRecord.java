package io.odradek.coordinator;

import java.util.Optional;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A record of an internal topic. Its key's {@link ApiMessage#apiKey()} says which type of record it is.
 *
 * @param key what the record is about; not to be changed any more
 * @param value empty for a tombstone; not to be changed any more
 * @param valueVersion in which the value is written; of no meaning for a tombstone
 */
public record CoordinatorRecord(ApiMessage key, Optional<ApiMessage> value, short valueVersion) {
    public static CoordinatorRecord of(ApiMessage key, ApiMessage value, int valueVersion) {
        return new CoordinatorRecord(key, Optional.of(value), (short) valueVersion);
    }

    public static CoordinatorRecord tombstone(ApiMessage key) {
        return new CoordinatorRecord(key, Optional.empty(), (short) 0);
    }

    /** Kafka calls it the version of the key. */
    public short type() {
        return key.apiKey();
    }
}
