package io.odradek.group;

/**
 * From which moment on the retention of a group's offsets counts.
 */
public sealed interface OffsetExpiration {
    /** For each offset from its own commit: nobody is subscribed, the offsets stand alone. */
    record SinceCommit() implements OffsetExpiration {}

    /**
     * From when the group was left by its last member, also for offsets that were committed later (KIP-211).
     *
     * @param timestampMs wall clock
     */
    record SinceEmpty(long timestampMs) implements OffsetExpiration {}
}
