package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import java.util.Collection;
import java.util.Set;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.protocol.Errors;

/**
 * The state machine of all groups of one kind in one shard. What its APIs ask for are further methods of the implementing
 * class, each of which returns a {@link io.odradek.coordinator.Decision}; a handler reaches them with
 * {@link GroupShard#kind}.
 */
public interface KindOfGroup {
    GroupType type();

    /**
     * Told once, when all kinds of the shard are made: for a kind that turns groups into those of another one.
     *
     * @param kinds all of them, this one included
     */
    default void alongside(Collection<KindOfGroup> kinds) {}

    /** The types of records that are this kind's alone. */
    Set<Short> recordTypes();

    /** Applies a record of one of {@link #recordTypes()}. */
    void replay(CoordinatorRecord record);

    /**
     * A member of one of this kind's groups, or somebody who is none, commits offsets and may do so.
     *
     * @param memberId empty text if it is no member
     */
    default void offsetsCommitted(Group group, String memberId) {}

    /** The shard is loaded: timers of members may be set. */
    void loaded(MetadataImage image);

    void onChange(MetadataChange change);

    /** Who waits within the shard is answered with {@code why}. */
    void unloaded(Errors why);
}
