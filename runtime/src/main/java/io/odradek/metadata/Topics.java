package io.odradek.metadata;

import java.util.Collection;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.pcollections.TreePMap;

/** All topics, by id and by name, with what is needed to find those of a broker and names that collide. */
public final class Topics {
    static final Topics EMPTY =
            new Topics(HashTreePMap.empty(), TreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty(), 0);

    private final PMap<Uuid, TopicImage> byId;
    private final TreePMap<String, TopicImage> byName;
    private final PMap<Integer, PSet<Uuid>> byBroker;
    private final PMap<String, PSet<String>> metricNames;
    private final long partitions;

    private Topics(
            PMap<Uuid, TopicImage> byId,
            TreePMap<String, TopicImage> byName,
            PMap<Integer, PSet<Uuid>> byBroker,
            PMap<String, PSet<String>> metricNames,
            long partitions) {
        this.byId = byId;
        this.byName = byName;
        this.byBroker = byBroker;
        this.metricNames = metricNames;
        this.partitions = partitions;
    }

    public Optional<TopicImage> byId(Uuid id) {
        return Optional.ofNullable(byId.get(id));
    }

    public Optional<TopicImage> byName(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** All topics in the order of their names. */
    public Collection<TopicImage> all() {
        return byName.values();
    }

    /** The topics from this name on, in the order of their names. */
    public Collection<TopicImage> from(String name) {
        return byName.tailMap(name, true).values();
    }

    public int size() {
        return byId.size();
    }

    /** Partitions of all topics together. */
    public long partitionCount() {
        return partitions;
    }
}
