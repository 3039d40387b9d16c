package io.odradek.group;

import io.netty.util.collection.IntCollections;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Something for each partition of each topic of each group. Nothing in it is empty. */
final class OffsetTable<V> {
    /** Most groups read few partitions of a topic: room for one, and it doubles. */
    private static final int PARTITIONS_AT_FIRST = 2;

    private final Map<String, Map<String, IntObjectMap<V>>> byGroup = new HashMap<>();

    @FunctionalInterface
    interface Visitor<V> {
        void visit(String groupId, String topic, int partition, V value);
    }

    boolean isEmpty() {
        return byGroup.isEmpty();
    }

    boolean contains(String groupId) {
        return byGroup.containsKey(groupId);
    }

    Optional<V> get(String groupId, String topic, int partition) {
        return Optional.ofNullable(topic(groupId, topic).get(partition));
    }

    /** The partitions of one topic; not to be changed. */
    IntObjectMap<V> topic(String groupId, String topic) {
        var partitions = topics(groupId).get(topic);
        return partitions == null ? IntCollections.emptyMap() : partitions;
    }

    /** Not to be changed. */
    Map<String, IntObjectMap<V>> topics(String groupId) {
        return byGroup.getOrDefault(groupId, Collections.emptyMap());
    }

    void put(String groupId, String topic, int partition, V value) {
        byGroup.computeIfAbsent(groupId, g -> new HashMap<>(2))
                // Many groups have offsets of the same topics, and each record comes with a text of its own.
                .computeIfAbsent(topic.intern(), t -> new IntObjectHashMap<>(PARTITIONS_AT_FIRST))
                .put(partition, value);
    }

    void remove(String groupId, String topic, int partition) {
        var topics = byGroup.get(groupId);
        var partitions = topics == null ? null : topics.get(topic);
        if (partitions == null) {
            return;
        }
        partitions.remove(partition);
        if (partitions.isEmpty()) {
            topics.remove(topic);
        }
        if (topics.isEmpty()) {
            byGroup.remove(groupId);
        }
    }

    Set<String> groupIds() {
        return Collections.unmodifiableSet(byGroup.keySet());
    }

    void forEach(Visitor<V> visitor) {
        byGroup.keySet().forEach(groupId -> forEach(groupId, visitor));
    }

    void forEach(String groupId, Visitor<V> visitor) {
        topics(groupId).forEach((topic, partitions) -> partitions
                .entries()
                .forEach(entry -> visitor.visit(groupId, topic, entry.key(), entry.value())));
    }
}
