package io.odradek.group.consumer;

import java.util.Arrays;

/** How far a member is on its way to the target assignment. */
enum MemberState {
    /** It has what it is to have in its epoch. */
    STABLE(0),
    /** It must give partitions up before it can go on; it stays in its epoch until it has said that it did. */
    UNREVOKED_PARTITIONS(1),
    /** It is in the target's epoch and waits for partitions that other members still own. */
    UNRELEASED_PARTITIONS(2),
    /** A newer version wrote a state that this one does not know. */
    UNKNOWN(127);

    private final byte value;

    MemberState(int value) {
        this.value = (byte) value;
    }

    /** As the log has it. */
    byte value() {
        return value;
    }

    static MemberState of(byte value) {
        return Arrays.stream(values())
                .filter(state -> state.value == value)
                .findFirst()
                .orElse(UNKNOWN);
    }
}
