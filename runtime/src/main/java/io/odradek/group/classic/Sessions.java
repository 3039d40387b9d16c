package io.odradek.group.classic;

import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardTimers;
import java.util.function.BiFunction;

/** The sessions of members: who is not heard of for too long is out of the group. */
final class Sessions {
    private final ShardTimers timers;
    private final BiFunction<String, String, Decision<Void>> onExpiry;

    /** @param onExpiry called with group id and member id, of a member that may be gone by then */
    Sessions(ShardTimers timers, BiFunction<String, String, Decision<Void>> onExpiry) {
        this.timers = timers;
        this.onExpiry = onExpiry;
    }

    /** The member was heard of. */
    void renew(ClassicGroup group, ClassicMember member) {
        start(group, member.memberId(), member.sessionTimeoutMs());
    }

    /** @param memberId of a member, or of one that was told to join with this id */
    void start(ClassicGroup group, String memberId, long timeoutMs) {
        var groupId = group.groupId();
        timers.schedule(TimerKeys.session(groupId, memberId), timeoutMs, () -> onExpiry.apply(groupId, memberId));
    }

    void end(ClassicGroup group, String memberId) {
        timers.cancel(TimerKeys.session(group.groupId(), memberId));
    }
}
