package io.odradek.group;

import io.odradek.coordinator.RecordTypes;
import io.odradek.group.message.CoordinatorRecordType;
import org.apache.kafka.common.protocol.ApiMessage;

/** What {@code __consumer_offsets} holds, in Apache Kafka's formats. */
final class GroupRecordTypes implements RecordTypes {
    @Override
    public ApiMessage newKey(short type) {
        return CoordinatorRecordType.fromId(type).newRecordKey();
    }

    @Override
    public ApiMessage newValue(short type) {
        return CoordinatorRecordType.fromId(type).newRecordValue();
    }
}
