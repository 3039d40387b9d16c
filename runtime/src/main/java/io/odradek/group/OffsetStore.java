package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.message.OffsetCommitKey;
import io.odradek.group.message.OffsetCommitValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.requests.TransactionResult;

/**
 * All offsets of one shard, as the log has them: those that are committed, and those of transactions that are still open.
 *
 * <p>Of several commits of a partition the one counts that was written last, whenever its transaction ended: only so does
 * a log from which compaction has taken older records mean the same.
 */
final class OffsetStore {
    private final Groups groups;
    private final Function<String, Group> simpleGroup;
    private final OffsetTable<CommittedOffset> committed = new OffsetTable<>();
    private final Map<Long, OffsetTable<CommittedOffset>> ofTransactions = new HashMap<>();
    /** Producers with an offset in {@link #ofTransactions}, for each partition. */
    private final OffsetTable<Set<Long>> open = new OffsetTable<>();

    private long commits;
    private Uuid lastTopicId = Uuid.ZERO_UUID;

    /** @param simpleGroup makes the group of offsets that were committed without any */
    OffsetStore(Groups groups, Function<String, Group> simpleGroup) {
        this.groups = groups;
        this.simpleGroup = simpleGroup;
    }

    OffsetTable<CommittedOffset> committed() {
        return committed;
    }

    /** The producers that have written an offset of the partition in their open transactions; only where there are any. */
    OffsetTable<Set<Long>> open() {
        return open;
    }

    OffsetTable<CommittedOffset> ofTransaction(long producerId) {
        return ofTransactions.getOrDefault(producerId, new OffsetTable<>());
    }

    /** Of all groups that have offsets, committed or not. */
    Set<String> groupIds() {
        var ids = new HashSet<>(committed.groupIds());
        ids.addAll(open.groupIds());
        return ids;
    }

    void replay(CoordinatorRecord record) {
        var key = OffsetRecords.key(record);
        OffsetRecords.value(record)
                .ifPresentOrElse(
                        value -> committed.put(group(key), key.topic(), key.partition(), read(value)),
                        () -> remove(key));
    }

    void replayTransactional(long producerId, CoordinatorRecord record) {
        var key = OffsetRecords.key(record);
        OffsetRecords.value(record)
                .ifPresentOrElse(
                        value -> {
                            var groupId = group(key);
                            ofTransactions
                                    .computeIfAbsent(producerId, p -> new OffsetTable<>())
                                    .put(groupId, key.topic(), key.partition(), read(value));
                            var producers = open.get(groupId, key.topic(), key.partition())
                                    .orElseGet(HashSet::new);
                            producers.add(producerId);
                            open.put(groupId, key.topic(), key.partition(), producers);
                        },
                        () -> remove(key));
    }

    void endTransaction(long producerId, TransactionResult result) {
        var offsets = ofTransactions.remove(producerId);
        if (offsets == null) {
            return;
        }
        offsets.forEach((groupId, topic, partition, offset) -> {
            close(producerId, groupId, topic, partition);
            if (result == TransactionResult.COMMIT && isNewest(offset, groupId, topic, partition)) {
                committed.put(groupId, topic, partition, offset);
            }
        });
    }

    private boolean isNewest(CommittedOffset offset, String groupId, String topic, int partition) {
        return committed
                .get(groupId, topic, partition)
                .map(other -> other.order() < offset.order())
                .orElse(true);
    }

    private void close(long producerId, String groupId, String topic, int partition) {
        open.get(groupId, topic, partition).ifPresent(producers -> {
            producers.remove(producerId);
            if (producers.isEmpty()) {
                open.remove(groupId, topic, partition);
            }
        });
    }

    /** A tombstone is the end of what open transactions have written before it, too. */
    private void remove(OffsetCommitKey key) {
        committed.remove(key.group(), key.topic(), key.partition());
        open.get(key.group(), key.topic(), key.partition())
                .ifPresent(producers -> producers.forEach(producerId -> {
                    var offsets = ofTransactions.get(producerId);
                    offsets.remove(key.group(), key.topic(), key.partition());
                    if (offsets.isEmpty()) {
                        ofTransactions.remove(producerId);
                    }
                }));
        open.remove(key.group(), key.topic(), key.partition());
    }

    /** Makes the group if there is none: offsets may be all there is of it. */
    private String group(OffsetCommitKey key) {
        var group = groups.get(key.group());
        if (group.isEmpty()) {
            groups.put(simpleGroup.apply(key.group()));
        }
        // One text for all offsets of the group, not one for each record.
        return group.map(Group::groupId).orElse(key.group());
    }

    private CommittedOffset read(OffsetCommitValue value) {
        if (!value.topicId().equals(lastTopicId)) {
            // Commits of one topic mostly come together: then they share the id.
            lastTopicId = value.topicId();
        }
        return CommittedOffset.of(value, lastTopicId, commits++);
    }
}
