package io.odradek.metadata;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;

/**
 * An image while one command changes it. Every change also goes into the digest, so that two brokers that make something
 * else of the same command show it. Used by one thread, then thrown away.
 */
final class Draft {
    private final MetadataImage before;
    private final DigestChain digest;
    private final Set<Uuid> changedTopics = new HashSet<>();
    private final Set<Integer> changedBrokers = new HashSet<>();
    private final Set<ConfigResource> changedConfigs = new HashSet<>();
    private Optional<String> clusterId;
    private PMap<String, Short> features;
    private PSortedMap<Integer, BrokerImage> brokers;
    private Topics topics;
    private PMap<ConfigResource, PMap<String, String>> configs;
    private long nextProducerId;

    Draft(MetadataImage before, DigestChain digest) {
        this.before = before;
        this.digest = digest;
        clusterId = before.clusterId();
        features = before.features();
        brokers = before.brokers();
        topics = before.topics();
        configs = before.configs();
        nextProducerId = before.nextProducerId();
    }

    /** The number of this command, which serves as an epoch: no other command has it, and later ones have higher ones. */
    long number() {
        return before.commands() + 1;
    }

    Optional<String> clusterId() {
        return clusterId;
    }

    PMap<String, Short> features() {
        return features;
    }

    PSortedMap<Integer, BrokerImage> brokers() {
        return brokers;
    }

    Topics topics() {
        return topics;
    }

    long nextProducerId() {
        return nextProducerId;
    }

    /** Whether it may lead and be in sync. */
    boolean active(int broker) {
        var image = brokers.get(broker);
        return image != null && image.isActive();
    }

    PMap<String, String> configs(ConfigResource resource) {
        if (resource.type() == ConfigResource.Type.TOPIC) {
            return topics.byName(resource.name()).map(TopicImage::configs).orElse(HashTreePMap.empty());
        }
        return configs.getOrDefault(resource, HashTreePMap.empty());
    }

    /** The brokers that have configs, in the order of their names. */
    List<ConfigResource> configuredBrokers() {
        return configs.keySet().stream()
                .filter(resource -> resource.type() == ConfigResource.Type.BROKER)
                .sorted(Comparator.comparing(ConfigResource::name))
                .toList();
    }

    void clusterId(String id) {
        clusterId = Optional.of(id);
        digest.add("cluster", id);
    }

    /** Level 0 is the same as none. */
    void feature(String name, short level) {
        features = level == 0 ? features.minus(name) : features.plus(name, level);
        digest.add("feature", name, level);
    }

    void broker(BrokerImage broker) {
        brokers = brokers.plus(broker.id(), broker);
        changedBrokers.add(broker.id());
        digest.add("broker", broker.id(), broker.epoch(), broker.incarnation(), broker.fenced());
        if (broker.inControlledShutdown()) {
            // Only then: digests from before there was such a thing must come out the same.
            digest.add("in controlled shutdown");
        }
    }

    void removeBroker(int id) {
        brokers = brokers.minus(id);
        changedBrokers.add(id);
        digest.add("no broker", id);
    }

    void createTopic(TopicImage topic) {
        topics = topics.with(topic);
        changedTopics.add(topic.id());
        digest.add("topic", topic.id(), topic.name());
        topic.partitions().forEach(p -> digest.add(topic.id(), p));
    }

    void deleteTopic(TopicImage topic) {
        topics = topics.without(topic);
        changedTopics.add(topic.id());
        digest.add("no topic", topic.id());
    }

    TopicImage addPartitions(TopicImage topic, List<PartitionImage> added) {
        var changed =
                new TopicImage(topic.id(), topic.name(), topic.partitions().plusAll(added), topic.configs());
        topics = topics.with(changed);
        changedTopics.add(topic.id());
        added.forEach(p -> digest.add(topic.id(), p));
        return changed;
    }

    /** Replaces partitions of this topic by later states of themselves. */
    void changePartitions(TopicImage topic, List<PartitionImage> changed) {
        if (changed.isEmpty()) {
            return;
        }
        var partitions = topic.partitions();
        for (var partition : changed) {
            partitions = partitions.with(partition.partition(), partition);
            digest.add(topic.id(), partition);
        }
        topics = topics.with(new TopicImage(topic.id(), topic.name(), partitions, topic.configs()), changed);
        changedTopics.add(topic.id());
    }

    /** Replaces all configs of a resource; a topic must exist. */
    void configs(ConfigResource resource, Map<String, String> values) {
        digest.add("configs", resource.type().id(), resource.name());
        values.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> digest.add(e.getKey(), e.getValue()));
        PMap<String, String> replacement = HashTreePMap.from(values);
        if (resource.type() == ConfigResource.Type.TOPIC) {
            var topic = topics.byName(resource.name()).orElseThrow();
            topics = topics.with(new TopicImage(topic.id(), topic.name(), topic.partitions(), replacement));
            changedTopics.add(topic.id());
        } else {
            configs = replacement.isEmpty() ? configs.minus(resource) : configs.plus(resource, replacement);
            changedConfigs.add(resource);
        }
    }

    void takeProducerIds(int count) {
        nextProducerId += count;
        digest.add("producer ids", nextProducerId);
    }

    MetadataChange change() {
        var after = new MetadataImage(
                before.appliedIndex(),
                number(),
                digest.value(),
                clusterId,
                features,
                brokers,
                topics,
                configs,
                nextProducerId);
        return new MetadataChange(before, after, changedTopics, changedBrokers, changedConfigs);
    }
}
