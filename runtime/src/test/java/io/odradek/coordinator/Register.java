package io.odradek.coordinator;

import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.transaction.message.CoordinatorRecordType;
import io.odradek.transaction.message.TransactionLogKey;
import io.odradek.transaction.message.TransactionLogValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;

/** A shard that remembers a number under each name. */
final class Register implements CoordinatorShard {
    static final RecordTypes TYPES = new RecordTypes() {
        @Override
        public ApiMessage newKey(short type) {
            return CoordinatorRecordType.fromId(type).newRecordKey();
        }

        @Override
        public ApiMessage newValue(short type) {
            return CoordinatorRecordType.fromId(type).newRecordValue();
        }
    };

    final ShardContext context;
    final Map<String, Long> numbers = new TreeMap<>();
    final Map<Long, Map<String, Long>> pending = new HashMap<>();
    final List<MetadataChange> changes = new ArrayList<>();
    MetadataImage loadedWith;
    Errors unloadedBecause;

    Register(ShardContext context) {
        this.context = context;
    }

    /** Sets a number, and answers what it was before: -1 for none. */
    Decision<Long> set(String name, long number) {
        return Decision.of(List.of(record(name, number)), numbers.getOrDefault(name, -1L));
    }

    static CoordinatorRecord record(String name, long number) {
        return CoordinatorRecord.of(
                new TransactionLogKey().setTransactionalId(name), new TransactionLogValue().setProducerId(number), 0);
    }

    Decision<Void> forget(String name) {
        return Decision.of(List.of(CoordinatorRecord.tombstone(new TransactionLogKey().setTransactionalId(name))));
    }

    @Override
    public void replay(CoordinatorRecord record) {
        var name = ((TransactionLogKey) record.key()).transactionalId();
        record.value()
                .ifPresentOrElse(
                        value -> numbers.put(name, ((TransactionLogValue) value).producerId()),
                        () -> numbers.remove(name));
    }

    @Override
    public void replayTransactional(long producerId, short producerEpoch, CoordinatorRecord record) {
        var name = ((TransactionLogKey) record.key()).transactionalId();
        var value = (TransactionLogValue) record.value().orElseThrow();
        pending.computeIfAbsent(producerId, id -> new HashMap<>()).put(name, value.producerId());
    }

    @Override
    public void endTransaction(long producerId, short producerEpoch, TransactionResult result) {
        var ended = pending.remove(producerId);
        if (ended != null && result == TransactionResult.COMMIT) {
            numbers.putAll(ended);
        }
    }

    @Override
    public void loaded(MetadataImage image) {
        loadedWith = image;
    }

    @Override
    public void onChange(MetadataChange change) {
        changes.add(change);
    }

    @Override
    public void unloaded(Errors why) {
        unloadedBecause = why;
    }
}
