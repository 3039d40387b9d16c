package io.odradek.group.classic;

/** Keys of timers. With the group id's length in them, no two groups can have the same, whatever clients call them. */
final class TimerKeys {
    private TimerKeys() {}

    static String session(String groupId, String memberId) {
        return "classic-session-" + groupId.length() + "-" + groupId + "-" + memberId;
    }

    static String join(String groupId) {
        return "classic-join-" + groupId;
    }

    static String sync(String groupId) {
        return "classic-sync-" + groupId;
    }
}
