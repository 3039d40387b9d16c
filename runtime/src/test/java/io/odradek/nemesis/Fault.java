package io.odradek.nemesis;

import java.util.Collection;
import java.util.Set;

/** Something that befalls a cluster for a while. {@code toString} says what and whom, in a few words. */
sealed interface Fault permits Kill, Freeze, RollingRestart, Cut, SlowLine, ClockJump, FullDisk {
    void strike() throws Exception;

    /**
     * Afterwards its machines are well again and nodes are on their way up, though other faults may still keep them from
     * serving: so it does not wait for that.
     */
    void heal() throws Exception;

    /** Waits until the nodes serve that it had stopped. Nothing is wrong any more when this is called. */
    default void recover() throws Exception {}

    /** Nodes whose processes it stops or starts, which one fault at a time may do. */
    default Collection<Integer> processes() {
        return Set.of();
    }

    /** Whether all replicas can get in sync while it lasts. */
    default boolean isMild() {
        return false;
    }

    /** Whether all replicas must be able to get in sync while it strikes. */
    default boolean asksForMildness() {
        return false;
    }

    /** Whether both can be there at the same time. */
    default boolean goesWith(Fault other) {
        return processes().stream().noneMatch(other.processes()::contains)
                && (!asksForMildness() || other.isMild())
                && (!other.asksForMildness() || isMild());
    }
}
