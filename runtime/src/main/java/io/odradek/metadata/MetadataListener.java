package io.odradek.metadata;

/**
 * Follows the metadata.
 *
 * <p>Threading: called on the thread that applies commands, in order, before whoever proposed the command hears of it.
 * Must not block on Raft.
 */
@FunctionalInterface
public interface MetadataListener {
    /** At subscription once with everything there is, from {@link MetadataImage#EMPTY}; then for each step. */
    void onChange(MetadataChange change);
}
