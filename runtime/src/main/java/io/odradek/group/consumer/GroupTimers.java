package io.odradek.group.consumer;

import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardTimers;
import java.util.List;
import java.util.function.Supplier;

/** The alarm clocks of members. What rings has the member thrown out of its group, unless it is gone already. */
final class GroupTimers {
    /** Throws a member out. */
    @FunctionalInterface
    interface Expulsion {
        /** @param why for the log */
        Decision<Void> expel(String groupId, String memberId, String why);
    }

    private static final List<String> ALL =
            List.of("consumer-session", "consumer-rebalance", "consumer-join", "consumer-sync");

    private final ShardTimers timers;
    private final Expulsion expulsion;

    GroupTimers(ShardTimers timers, Expulsion expulsion) {
        this.timers = timers;
        this.expulsion = expulsion;
    }

    /** The member must be heard of before that. */
    void session(String groupId, String memberId, int timeoutMs) {
        schedule("consumer-session", groupId, memberId, timeoutMs, "its session expired");
    }

    /** The member must have given up what it was told to. */
    void rebalance(String groupId, String memberId, int timeoutMs, Supplier<Decision<Void>> operation) {
        timers.schedule(key("consumer-rebalance", groupId, memberId), timeoutMs, operation);
    }

    void cancelRebalance(String groupId, String memberId) {
        timers.cancel(key("consumer-rebalance", groupId, memberId));
    }

    /** A classic member was told to join again and must do so. The first time counts. */
    void join(String groupId, String memberId, int timeoutMs) {
        if (!timers.isScheduled(key("consumer-join", groupId, memberId))) {
            schedule("consumer-join", groupId, memberId, timeoutMs, "it did not join within its rebalance timeout");
        }
    }

    void cancelJoin(String groupId, String memberId) {
        timers.cancel(key("consumer-join", groupId, memberId));
    }

    /** A classic member has joined and must fetch its assignment. */
    void sync(String groupId, String memberId, int timeoutMs) {
        schedule("consumer-sync", groupId, memberId, timeoutMs, "it did not sync within its rebalance timeout");
    }

    void cancelSync(String groupId, String memberId) {
        timers.cancel(key("consumer-sync", groupId, memberId));
    }

    void cancelAll(String groupId, String memberId) {
        ALL.forEach(what -> timers.cancel(key(what, groupId, memberId)));
    }

    private void schedule(String what, String groupId, String memberId, int timeoutMs, String why) {
        timers.schedule(key(what, groupId, memberId), timeoutMs, () -> expulsion.expel(groupId, memberId, why));
    }

    /** Both ids may hold anything: the length keeps two pairs of them apart. */
    private static String key(String what, String groupId, String memberId) {
        return what + "-" + groupId.length() + "-" + groupId + "-" + memberId;
    }
}
