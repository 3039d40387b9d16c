package io.odradek.nemesis;

/** Something that befalls a cluster for a while. {@code toString} says what and whom, in a few words. */
sealed interface Fault permits Kill, Freeze, RollingRestart, Cut, SlowLine, ClockJump, FullDisk {
    void strike() throws Exception;

    /** Afterwards all machines are well again and every node runs, though it may have much to catch up. */
    void heal() throws Exception;
}
