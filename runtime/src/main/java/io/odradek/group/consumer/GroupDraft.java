package io.odradek.group.consumer;

import io.odradek.coordinator.CoordinatorRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A group as it will be once the records decided so far are replayed, and these records: each step of an operation sees
 * what the steps before decided, while the group itself changes only when the runtime replays.
 */
final class GroupDraft {
    private final List<CoordinatorRecord> records = new ArrayList<>();
    private ConsumerGroup group;

    GroupDraft(ConsumerGroup group) {
        this.group = group;
    }

    ConsumerGroup group() {
        return group;
    }

    String groupId() {
        return group.groupId();
    }

    void add(CoordinatorRecord record) {
        records.add(record);
        group = GroupReplay.apply(Optional.of(group), record)
                .orElseThrow(() -> new IllegalStateException("A draft of a group that is gone: " + groupId()));
    }

    void addAll(List<CoordinatorRecord> records) {
        records.forEach(this::add);
    }

    /** Records that come before all others and are about something else: the classic group that this one replaces. */
    void startWith(List<CoordinatorRecord> foreign) {
        records.addAll(0, foreign);
    }

    List<CoordinatorRecord> records() {
        return records;
    }
}
