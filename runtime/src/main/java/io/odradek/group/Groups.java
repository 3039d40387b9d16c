package io.odradek.group;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** The groups of one shard by their ids, of all kinds. A group id belongs to one group at a time. Used by the shard only. */
public final class Groups {
    private final Map<String, Group> byId = new HashMap<>();

    public Optional<Group> get(String groupId) {
        return Optional.ofNullable(byId.get(groupId));
    }

    /** @throws GroupIdNotFoundException there is no such group */
    public Group require(String groupId) {
        return get(groupId)
                .orElseThrow(() -> new GroupIdNotFoundException(String.format("Group %s not found.", groupId)));
    }

    /** The group, if it is of this class. */
    public <G extends Group> Optional<G> get(String groupId, Class<G> kind) {
        return get(groupId).filter(kind::isInstance).map(kind::cast);
    }

    /** In place of whatever group had the id. */
    public void put(Group group) {
        byId.put(group.groupId(), group);
    }

    public void remove(String groupId) {
        byId.remove(groupId);
    }

    public Collection<Group> all() {
        return Collections.unmodifiableCollection(byId.values());
    }
}
