package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import java.util.ArrayList;
import java.util.List;

/** Tombstones of offsets, as many as are written at once: a shard that forgets a million offsets serves its groups meanwhile. */
final class TombstoneBatch {
    /** Far below what any sensible {@code max.message.bytes} allows. */
    private static final int MAX_BYTES = 64 * 1024;

    /** Beside the two texts: the header of the record, the type of the key, lengths, the partition. */
    private static final int OVERHEAD_BYTES = 32;

    private static final int MAX_UTF8_BYTES_PER_CHAR = 3;

    private final List<CoordinatorRecord> records = new ArrayList<>();
    private int bytes;

    boolean isFull() {
        return bytes >= MAX_BYTES;
    }

    void addOffset(String groupId, String topic, int partition) {
        records.add(OffsetRecords.tombstone(groupId, topic, partition));
        bytes += OVERHEAD_BYTES + MAX_UTF8_BYTES_PER_CHAR * (groupId.length() + topic.length());
    }

    void addGroup(Group group) {
        records.addAll(group.tombstones());
    }

    List<CoordinatorRecord> records() {
        return records;
    }
}
