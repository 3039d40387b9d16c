package io.odradek.group;

import io.odradek.config.GroupSettings;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardContext;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.utils.Time;

/**
 * Every now and then forgets offsets that nobody has used for long, and groups that have neither members nor offsets
 * (KIP-211).
 */
final class OffsetExpiry {
    private static final String TIMER = "expireOffsets";

    private final Groups groups;
    private final OffsetStore store;
    private final ShardContext context;
    private final Supplier<GroupSettings> settings;
    private final GroupSweep sweep;
    private final Time time;

    OffsetExpiry(Groups groups, OffsetStore store, ShardContext context, Supplier<GroupSettings> settings) {
        this.groups = groups;
        this.store = store;
        this.context = context;
        this.settings = settings;
        this.time = context.time();
        this.sweep = new GroupSweep(TIMER, context.timers(), this::expire, this::schedule);
    }

    void schedule() {
        context.timers().schedule(TIMER, settings.get().offsetsRetentionCheckIntervalMs(), this::begin);
    }

    private Decision<Void> begin() {
        return sweep.begin(groups.all().stream().map(Group::groupId).toList());
    }

    private void expire(String groupId, TombstoneBatch batch) {
        groups.get(groupId)
                .filter(group -> expireOffsets(group, batch) && group.state() == GroupState.EMPTY)
                .ifPresent(batch::addGroup);
    }

    /** @return whether nothing remains */
    private boolean expireOffsets(Group group, TombstoneBatch batch) {
        var groupId = group.groupId();
        boolean nothingRemains = !store.open().contains(groupId);
        var topics = store.committed().topics(groupId);
        if (topics.isEmpty()) {
            return nothingRemains;
        }
        var since = group.offsetExpiration();
        if (since.isEmpty()) {
            return false;
        }
        long nowMs = time.milliseconds();
        long retentionMs = TimeUnit.MINUTES.toMillis(settings.get().offsetsRetentionMinutes());
        for (var topic : topics.entrySet()) {
            if (group.isSubscribedTo(topic.getKey())) {
                nothingRemains = false;
                continue;
            }
            for (var partition : topic.getValue().entries()) {
                if (batch.isFull()) {
                    return false;
                }
                if (partition.value().hasExpired(since.get(), nowMs, retentionMs)
                        && store.open()
                                .get(groupId, topic.getKey(), partition.key())
                                .isEmpty()) {
                    batch.addOffset(groupId, topic.getKey(), partition.key());
                } else {
                    nothingRemains = false;
                }
            }
        }
        return nothingRemains;
    }
}
