package io.odradek.group;

import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardTimers;
import io.odradek.metadata.MetadataChange;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/** Forgets the offsets of topics that are deleted. */
final class DeletedTopicOffsets {
    private static final String TIMER = "forgetDeletedTopics";

    private final OffsetStore store;
    private final ShardTimers timers;
    private final GroupSweep sweep;

    /** Names by ids. */
    private Map<Uuid, String> nowForgetting = Map.of();

    private Map<Uuid, String> next = new HashMap<>();

    DeletedTopicOffsets(OffsetStore store, ShardTimers timers) {
        this.store = store;
        this.timers = timers;
        this.sweep = new GroupSweep(TIMER, timers, this::forget, this::schedule);
    }

    void onChange(MetadataChange change) {
        for (var id : change.topics()) {
            if (change.after().topics().byId(id).isEmpty()) {
                change.before().topics().byId(id).ifPresent(topic -> next.put(id, topic.name()));
            }
        }
        if (!sweep.isUnderWay()) {
            schedule();
        }
    }

    private void schedule() {
        if (!next.isEmpty()) {
            timers.schedule(TIMER, 0, this::begin);
        }
    }

    private Decision<Void> begin() {
        nowForgetting = next;
        next = new HashMap<>();
        return sweep.begin(store.groupIds());
    }

    private void forget(String groupId, TombstoneBatch batch) {
        nowForgetting.forEach((id, topic) -> {
            var partitions = new HashSet<Integer>();
            for (var committed : store.committed().topic(groupId, topic).entries()) {
                if (committed.value().isOf(id)) {
                    partitions.add(committed.key());
                }
            }
            for (var open : store.open().topic(groupId, topic).entries()) {
                if (open.value().stream().anyMatch(producerId -> store.ofTransaction(producerId)
                        .get(groupId, topic, open.key())
                        .filter(offset -> offset.isOf(id))
                        .isPresent())) {
                    partitions.add(open.key());
                }
            }
            for (int partition : partitions) {
                if (batch.isFull()) {
                    return;
                }
                batch.addOffset(groupId, topic, partition);
            }
        });
    }
}
