package io.odradek.metadata;

import java.util.Optional;
import org.apache.kafka.common.config.ConfigResource;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The state of the cluster after some number of commands. Immutable; successive images share what did not change.
 *
 * @param appliedIndex index of the last Raft entry in it; kept by whoever feeds {@link MetadataMachine}, 0 at first
 * @param commands how many commands made it, refused ones included
 * @param digest folded over those commands; two brokers with the same {@code commands} and another digest have diverged
 * @param clusterId empty until {@link Command.InitializeCluster}
 * @param features finalized levels by feature name
 * @param brokers by id, fenced ones included
 * @param configs of all resources but topics, whose configs are in {@link TopicImage}; the cluster-wide default of
 *     brokers has an empty name
 * @param nextProducerId the first producer id not yet given to a broker
 */
public record MetadataImage(
        long appliedIndex,
        long commands,
        long digest,
        Optional<String> clusterId,
        PMap<String, Short> features,
        PSortedMap<Integer, BrokerImage> brokers,
        Topics topics,
        PMap<ConfigResource, PMap<String, String>> configs,
        long nextProducerId) {
    public static final MetadataImage EMPTY = new MetadataImage(
            0, 0, 0, Optional.empty(), HashTreePMap.empty(), TreePMap.empty(), Topics.EMPTY, HashTreePMap.empty(), 0);

    public Optional<BrokerImage> broker(int id) {
        return Optional.ofNullable(brokers.get(id));
    }

    /** What was set for this resource, topics included; empty if nothing was, or there is no such resource. */
    public PMap<String, String> configs(ConfigResource resource) {
        if (resource.type() == ConfigResource.Type.TOPIC) {
            return topics.byName(resource.name()).map(TopicImage::configs).orElse(HashTreePMap.empty());
        }
        return configs.getOrDefault(resource, HashTreePMap.empty());
    }

    /** The same state, said to be that of another Raft entry. */
    public MetadataImage at(long appliedIndex) {
        return new MetadataImage(
                appliedIndex, commands, digest, clusterId, features, brokers, topics, configs, nextProducerId);
    }
}
