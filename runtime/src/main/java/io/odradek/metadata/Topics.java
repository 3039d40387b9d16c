package io.odradek.metadata;

import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/** All topics, by id and by name, with what is needed to find those of a broker and names that collide. */
public final class Topics {
    static final Topics EMPTY = new Topics(
            HashTreePMap.empty(),
            TreePMap.empty(),
            HashTreePMap.empty(),
            HashTreePMap.empty(),
            HashTreePSet.empty(),
            0);

    private final PMap<Uuid, TopicImage> byId;
    private final TreePMap<String, Uuid> byName;
    private final PMap<Integer, PSet<Uuid>> byBroker;
    private final PMap<String, TreePSet<String>> metricNames;
    private final PSet<Uuid> reassigning;
    private final long partitions;

    private Topics(
            PMap<Uuid, TopicImage> byId,
            TreePMap<String, Uuid> byName,
            PMap<Integer, PSet<Uuid>> byBroker,
            PMap<String, TreePSet<String>> metricNames,
            PSet<Uuid> reassigning,
            long partitions) {
        this.byId = byId;
        this.byName = byName;
        this.byBroker = byBroker;
        this.metricNames = metricNames;
        this.reassigning = reassigning;
        this.partitions = partitions;
    }

    public Optional<TopicImage> byId(Uuid id) {
        return Optional.ofNullable(byId.get(id));
    }

    public Optional<TopicImage> byName(String name) {
        return Optional.ofNullable(byName.get(name)).map(byId::get);
    }

    /** All topics in the order of their names. */
    public Collection<TopicImage> all() {
        return images(byName.values());
    }

    /** The topics from this name on, in the order of their names. */
    public Collection<TopicImage> from(String name) {
        return images(byName.tailMap(name, true).values());
    }

    private Collection<TopicImage> images(Collection<Uuid> ids) {
        return new AbstractCollection<>() {
            @Override
            public Iterator<TopicImage> iterator() {
                var id = ids.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return id.hasNext();
                    }

                    @Override
                    public TopicImage next() {
                        return byId.get(id.next());
                    }
                };
            }

            @Override
            public int size() {
                return ids.size();
            }
        };
    }

    public int size() {
        return byId.size();
    }

    /** Partitions of all topics together. */
    public long partitionCount() {
        return partitions;
    }

    /** The topics with partitions that are being reassigned, in the order of their names. */
    public Collection<TopicImage> reassigning() {
        return reassigning.stream()
                .map(byId::get)
                .sorted(Comparator.comparing(TopicImage::name))
                .toList();
    }

    /** The topics that have a replica on this broker. */
    Set<Uuid> of(int broker) {
        return byBroker.getOrDefault(broker, HashTreePSet.empty());
    }

    /** A topic whose metrics would bear the same name, {@code .} and {@code _} being one there. */
    Optional<String> colliding(String name) {
        if (!Topic.hasCollisionChars(name)) {
            return Optional.empty();
        }
        return metricNames.getOrDefault(Topic.unifyCollisionChars(name), TreePSet.empty()).stream()
                .findFirst();
    }

    /** With this topic, which is new, or has more partitions or other configs than before. */
    Topics with(TopicImage topic) {
        var previous = byId.get(topic.id());
        int known = previous == null ? 0 : previous.partitions().size();
        var brokers = byBroker;
        var moving = reassigning;
        // Not subList: that of a persistent vector removes all others one by one.
        for (int partition = known; partition < topic.partitions().size(); partition++) {
            var added = topic.partitions().get(partition);
            for (var replica : added.replicas()) {
                brokers = plus(brokers, replica, topic.id());
            }
            if (added.isReassigning()) {
                moving = moving.plus(topic.id());
            }
        }
        var names = metricNames;
        if (previous == null && Topic.hasCollisionChars(topic.name())) {
            var name = Topic.unifyCollisionChars(topic.name());
            names = names.plus(name, names.getOrDefault(name, TreePSet.empty()).plus(topic.name()));
        }
        return new Topics(
                byId.plus(topic.id(), topic),
                byName.plus(topic.name(), topic.id()),
                brokers,
                names,
                moving,
                partitions + topic.partitions().size() - known);
    }

    /** With later states of some of a topic's partitions. */
    Topics with(TopicImage topic, Collection<PartitionImage> changed) {
        var previous = byId.get(topic.id());
        var brokers = byBroker;
        var moving = reassigning;
        for (var partition : changed) {
            var before = previous.partitions().get(partition.partition()).replicas();
            for (var replica : Replicas.without(partition.replicas(), before)) {
                brokers = plus(brokers, replica, topic.id());
            }
            for (var replica : Replicas.without(before, partition.replicas())) {
                if (topic.partitions().stream().noneMatch(p -> p.replicas().contains(replica))) {
                    brokers = minus(brokers, replica, topic.id());
                }
            }
            if (partition.isReassigning()) {
                moving = moving.plus(topic.id());
            }
        }
        if (moving.contains(topic.id()) && topic.partitions().stream().noneMatch(PartitionImage::isReassigning)) {
            moving = moving.minus(topic.id());
        }
        return new Topics(byId.plus(topic.id(), topic), byName, brokers, metricNames, moving, partitions);
    }

    private static PMap<Integer, PSet<Uuid>> plus(PMap<Integer, PSet<Uuid>> brokers, int broker, Uuid topic) {
        var ids = brokers.getOrDefault(broker, HashTreePSet.empty());
        return ids.contains(topic) ? brokers : brokers.plus(broker, ids.plus(topic));
    }

    private static PMap<Integer, PSet<Uuid>> minus(PMap<Integer, PSet<Uuid>> brokers, int broker, Uuid topic) {
        var ids = brokers.getOrDefault(broker, HashTreePSet.empty()).minus(topic);
        return ids.isEmpty() ? brokers.minus(broker) : brokers.plus(broker, ids);
    }

    Topics without(TopicImage topic) {
        var replicas = new HashSet<Integer>();
        topic.partitions().forEach(p -> replicas.addAll(p.replicas()));
        var brokers = byBroker;
        for (var replica : replicas) {
            brokers = minus(brokers, replica, topic.id());
        }
        var names = metricNames;
        if (Topic.hasCollisionChars(topic.name())) {
            var name = Topic.unifyCollisionChars(topic.name());
            var left = names.get(name).minus(topic.name());
            names = left.isEmpty() ? names.minus(name) : names.plus(name, left);
        }
        return new Topics(
                byId.minus(topic.id()),
                byName.minus(topic.name()),
                brokers,
                names,
                reassigning.minus(topic.id()),
                partitions - topic.partitions().size());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Topics topics
                && byId.equals(topics.byId)
                && byName.equals(topics.byName)
                && byBroker.equals(topics.byBroker)
                && metricNames.equals(topics.metricNames)
                && reassigning.equals(topics.reassigning)
                && partitions == topics.partitions;
    }

    @Override
    public int hashCode() {
        return byName.hashCode();
    }

    @Override
    public String toString() {
        return all().toString();
    }
}
