package io.odradek.api;

import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import java.util.List;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataResponse;

/**
 * A topic as a Metadata response of one version describes it.
 *
 * <p>Version 0 leaves replicas out that are not in service, and says so in the partition's error; later versions list all
 * replicas. Before version 6 a leader without the client's listener was LEADER_NOT_AVAILABLE, since then it is
 * LISTENER_NOT_FOUND.
 */
record TopicMetadata(BrokerView brokers, short version) {

    MetadataResponseTopic describe(TopicImage topic) {
        return new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(topic.id())
                .setIsInternal(topic.internal())
                .setPartitions(topic.partitions().stream().map(this::describe).toList());
    }

    private MetadataResponsePartition describe(PartitionImage partition) {
        var replicas = listed(partition.replicas());
        var isr = listed(partition.isr());
        boolean leaderReachable = brokers.hasListener(partition.leader());
        return new MetadataResponsePartition()
                .setErrorCode(error(partition, leaderReachable, replicas, isr).code())
                .setPartitionIndex(partition.partition())
                .setLeaderId(leaderReachable ? partition.leader() : MetadataResponse.NO_LEADER_ID)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(replicas)
                .setIsrNodes(isr)
                .setOfflineReplicas(brokers.offlineReplicas(partition));
    }

    private List<Integer> listed(List<Integer> replicas) {
        return version == 0 ? replicas.stream().filter(brokers::isAlive).toList() : replicas;
    }

    private Errors error(PartitionImage partition, boolean leaderReachable, List<Integer> replicas, List<Integer> isr) {
        if (!leaderReachable) {
            boolean leaderRegistered =
                    brokers.image().broker(partition.leader()).isPresent();
            return leaderRegistered && version >= 6 ? Errors.LISTENER_NOT_FOUND : Errors.LEADER_NOT_AVAILABLE;
        }
        boolean complete = replicas.size() == partition.replicas().size()
                && isr.size() == partition.isr().size();
        return complete ? Errors.NONE : Errors.REPLICA_NOT_AVAILABLE;
    }

    /** What is said of a topic that is not there. */
    static MetadataResponseTopic missing(String name) {
        return error(missingError(name), name);
    }

    static MetadataResponseTopic error(Errors error, String name) {
        return new MetadataResponseTopic()
                .setErrorCode(error.code())
                .setName(name)
                .setIsInternal(name != null && Topic.isInternal(name));
    }

    static Errors missingError(String name) {
        try {
            Topic.validate(name);
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        } catch (InvalidTopicException e) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
    }
}
