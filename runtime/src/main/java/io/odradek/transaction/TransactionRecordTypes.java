package io.odradek.transaction;

import io.odradek.coordinator.RecordTypes;
import io.odradek.transaction.message.CoordinatorRecordType;
import org.apache.kafka.common.protocol.ApiMessage;

/** What {@code __transaction_state} holds, in Apache Kafka's formats. */
final class TransactionRecordTypes implements RecordTypes {
    @Override
    public ApiMessage newKey(short type) {
        return CoordinatorRecordType.fromId(type).newRecordKey();
    }

    @Override
    public ApiMessage newValue(short type) {
        return CoordinatorRecordType.fromId(type).newRecordValue();
    }
}
