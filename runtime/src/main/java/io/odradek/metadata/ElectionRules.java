package io.odradek.metadata;

import io.odradek.metadata.PartitionChange.Election;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * What features and configs say about the elections of a topic.
 *
 * @param election whether it may be unclean
 * @param eligibleLeaderReplicas whether they are kept (KIP-966); without them, the last member of an ISR stays in it
 *     although it is out of service
 * @param minInsyncReplicas as leaders know it: with eligible leader replicas the cluster always has one
 */
record ElectionRules(Election election, boolean eligibleLeaderReplicas, int minInsyncReplicas) {
    static final ConfigResource CLUSTER_DEFAULT = new ConfigResource(ConfigResource.Type.BROKER, "");

    static ElectionRules of(Draft draft, TopicImage topic) {
        return new ElectionRules(
                Boolean.parseBoolean(config(draft, topic, TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false"))
                        ? Election.UNCLEAN
                        : Election.CLEAN,
                EligibleLeaderReplicas.enabled(draft),
                Integer.parseInt(config(draft, topic, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "1")
                        .trim()));
    }

    private static String config(Draft draft, TopicImage topic, String name, String otherwise) {
        return topic.configs().getOrDefault(name, draft.configs(CLUSTER_DEFAULT).getOrDefault(name, otherwise));
    }

    /** The same, whatever the configs say about elections. */
    ElectionRules with(Election other) {
        return new ElectionRules(other, eligibleLeaderReplicas, minInsyncReplicas);
    }
}
