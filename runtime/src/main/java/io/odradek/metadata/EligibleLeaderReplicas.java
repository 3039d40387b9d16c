package io.odradek.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;

/**
 * Eligible leader replicas (KIP-966) as a feature of the cluster. They rest on everybody knowing the same {@code
 * min.insync.replicas}: with them the cluster always has one, and no broker has one of its own.
 */
final class EligibleLeaderReplicas {
    private static final String MIN_INSYNC_REPLICAS = TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;

    private EligibleLeaderReplicas() {}

    static boolean enabled(Draft draft) {
        return draft.features().getOrDefault(Features.ELIGIBLE_LEADER_REPLICAS_VERSION, (short) 0) > 0;
    }

    /** @param proposed becomes the cluster's minimum if it has none; 0 if the proposer has none either */
    static void enable(Draft draft, int proposed) {
        var cluster = new TreeMap<>(draft.configs(ElectionRules.CLUSTER_DEFAULT));
        if (cluster.putIfAbsent(MIN_INSYNC_REPLICAS, String.valueOf(Math.max(1, proposed))) == null) {
            draft.configs(ElectionRules.CLUSTER_DEFAULT, cluster);
        }
        for (var resource : draft.configuredBrokers()) {
            var configs = new TreeMap<>(draft.configs(resource));
            if (!resource.isDefault() && configs.remove(MIN_INSYNC_REPLICAS) != null) {
                draft.configs(resource, configs);
            }
        }
    }

    /** Without them the ISR alone says who may lead. Whoever was eligible has all that was ever committed. */
    static void disable(Draft draft) {
        for (var topic : draft.topics().all()) {
            List<PartitionImage> changed = new ArrayList<>();
            for (var p : topic.partitions()) {
                if (!p.elr().isEmpty() || !p.lastKnownElr().isEmpty()) {
                    var successors = Replicas.retained(p.replicas(), p.elr().isEmpty() ? p.lastKnownElr() : p.elr());
                    changed.add(withoutElr(p, p.isr().isEmpty() ? successors : p.isr(), List.of()));
                }
            }
            draft.changePartitions(topic, changed);
        }
    }

    /** @param names of what is about to be changed */
    static void check(Draft draft, ConfigResource resource, Set<String> names, Map<String, String> after) {
        if (resource.type() != ConfigResource.Type.BROKER || !names.contains(MIN_INSYNC_REPLICAS) || !enabled(draft)) {
            return;
        }
        if (!resource.isDefault()) {
            throw new InvalidConfigurationException(
                    "Broker-level " + MIN_INSYNC_REPLICAS + " cannot be altered while ELR is enabled.");
        }
        if (!after.containsKey(MIN_INSYNC_REPLICAS)) {
            throw new InvalidConfigurationException(
                    "Cluster-level " + MIN_INSYNC_REPLICAS + " cannot be removed while ELR is enabled.");
        }
    }

    /** Heeds that configs are others now than {@code before}. */
    static void heed(Draft draft, ConfigResource resource, Map<String, String> before) {
        var name = MIN_INSYNC_REPLICAS;
        if (!enabled(draft)
                || Optional.ofNullable(before.get(name))
                        .equals(Optional.ofNullable(draft.configs(resource).get(name)))) {
            return;
        }
        if (resource.type() == ConfigResource.Type.TOPIC) {
            forget(draft, draft.topics().byName(resource.name()).orElseThrow());
        } else if (resource.equals(ElectionRules.CLUSTER_DEFAULT)) {
            for (var topic : draft.topics().all()) {
                if (!topic.configs().containsKey(name)) {
                    forget(draft, topic);
                }
            }
        }
    }

    /**
     * Where a topic counts with another minimum from now on, more may be committed than the eligible have. Where nobody
     * leads, nothing can be: there they stay.
     */
    private static void forget(Draft draft, TopicImage topic) {
        List<PartitionImage> changed = new ArrayList<>();
        for (var p : topic.partitions()) {
            if (p.hasLeader() && !p.elr().isEmpty()) {
                changed.add(withoutElr(p, p.isr(), p.lastKnownElr()));
            }
        }
        draft.changePartitions(topic, changed);
    }

    private static PartitionImage withoutElr(PartitionImage p, List<Integer> isr, List<Integer> lastKnownElr) {
        return new PartitionImage(
                p.partition(),
                p.replicas(),
                isr,
                p.leader(),
                p.leaderEpoch(),
                p.partitionEpoch() + 1,
                List.of(),
                lastKnownElr,
                p.addingReplicas(),
                p.removingReplicas());
    }
}
