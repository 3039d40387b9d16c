package io.odradek.group;

import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardTimers;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;

/** Goes through groups and writes tombstones, in steps between which the shard does other things. */
final class GroupSweep {
    private static final int GROUPS_PER_STEP = 1_000;

    private final String timerKey;
    private final ShardTimers timers;
    private final Visitor visitor;
    private final Runnable whenDone;
    private final Deque<String> remaining = new ArrayDeque<>();

    @FunctionalInterface
    interface Visitor {
        /**
         * Adds tombstones for a group until the batch is full. A full batch is written, and the group is visited again.
         */
        void visit(String groupId, TombstoneBatch batch);
    }

    /**
     * @param timerKey under which nothing else is scheduled
     * @param whenDone called after the last step; may begin another sweep
     */
    GroupSweep(String timerKey, ShardTimers timers, Visitor visitor, Runnable whenDone) {
        this.timerKey = timerKey;
        this.timers = timers;
        this.visitor = visitor;
        this.whenDone = whenDone;
    }

    boolean isUnderWay() {
        return !remaining.isEmpty();
    }

    /** The first step; the others follow by themselves. */
    Decision<Void> begin(Collection<String> groupIds) {
        remaining.clear();
        remaining.addAll(groupIds);
        return step();
    }

    private Decision<Void> step() {
        var batch = new TombstoneBatch();
        for (int visited = 0; visited < GROUPS_PER_STEP && isUnderWay() && !batch.isFull(); visited++) {
            visitor.visit(remaining.peek(), batch);
            if (!batch.isFull()) {
                remaining.poll();
            }
        }
        if (isUnderWay()) {
            timers.schedule(timerKey, 0, this::step);
        } else {
            whenDone.run();
        }
        return Decision.of(batch.records());
    }
}
