package io.odradek.metadata;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;

/**
 * A change of the metadata. It becomes true by going through Raft and {@link MetadataMachine}, or is refused there.
 *
 * @param <R> what the one who proposed it gets if it was applied
 */
public sealed interface Command<R> {

    /** What a command yields that has nothing to say. */
    enum Done {
        DONE
    }

    /** Where no broker epoch is known. */
    long NO_EPOCH = -1;

    /** Replicas as a client gave them; the lists are copied. */
    private static Map<Integer, List<Integer>> copy(Map<Integer, List<Integer>> assignments) {
        var copy = new TreeMap<Integer, List<Integer>>();
        assignments.forEach((partition, replicas) -> copy.put(partition, List.copyOf(replicas)));
        return Collections.unmodifiableMap(copy);
    }

    /**
     * The first command of a cluster, which gives it its id and the levels of its features. Refused with
     * {@code INVALID_REQUEST} where the cluster has an id already.
     *
     * @param minInsyncReplicas what becomes {@code min.insync.replicas} of the cluster, which eligible leader replicas
     *     (KIP-966) need; 0 in commands from before there were any
     */
    record InitializeCluster(String clusterId, Map<String, Short> features, int minInsyncReplicas)
            implements Command<Done> {
        public InitializeCluster {
            features = Map.copyOf(features);
        }

        public InitializeCluster(String clusterId, Map<String, Short> features) {
            this(clusterId, features, 0);
        }
    }

    /**
     * @param id chosen by the one who proposes it, at random ({@link Uuid#randomUuid()})
     * @param partitions -1 with assignments; else a client's -1 has been replaced by {@code num.partitions}
     * @param replicationFactor -1 with assignments; else a client's -1 has been replaced by
     *     {@code default.replication.factor}
     * @param assignments broker ids of each partition, the preferred leader first; empty to have them placed
     */
    record CreateTopic(
            Uuid id,
            String name,
            int partitions,
            short replicationFactor,
            Map<Integer, List<Integer>> assignments,
            Map<String, String> configs)
            implements Command<TopicImage> {
        public CreateTopic {
            assignments = copy(assignments);
            configs = Map.copyOf(configs);
        }
    }

    record DeleteTopic(Uuid id) implements Command<Done> {}

    /**
     * @param count of partitions afterwards
     * @param assignments broker ids of each new partition; empty to have them placed
     */
    record CreatePartitions(String topic, int count, Optional<List<List<Integer>>> assignments)
            implements Command<TopicImage> {
        public CreatePartitions {
            assignments = assignments.map(a -> a.stream().map(List::copyOf).toList());
        }
    }

    /**
     * The leader of a partition says who is in sync. Completes a reassignment for which that was missing, which may elect
     * another leader: the one who proposed it sees it in the partition that it gets back.
     *
     * <p>Refused with {@code STALE_BROKER_EPOCH} if the leader has registered again; {@code UNKNOWN_TOPIC_ID}, {@code
     * UNKNOWN_TOPIC_OR_PARTITION}; {@code NOT_CONTROLLER} for epochs later than those known here, {@code
     * FENCED_LEADER_EPOCH} for an earlier leader epoch, {@code INVALID_UPDATE_VERSION} for an earlier partition epoch;
     * {@code INVALID_REQUEST} from who does not lead, or without itself, or with others than replicas; {@code
     * INELIGIBLE_REPLICA} with a broker that is fenced, shutting down, or has another epoch.
     */
    record AlterPartition(
            int brokerId,
            long brokerEpoch,
            Uuid topicId,
            int partition,
            int leaderEpoch,
            int partitionEpoch,
            List<BrokerState> isr)
            implements Command<PartitionImage> {
        public AlterPartition {
            isr = List.copyOf(isr);
        }
    }

    /**
     * Refused with {@code UNKNOWN_TOPIC_OR_PARTITION}; {@code ELECTION_NOT_NEEDED} if the preferred leader leads, or, for
     * an unclean election, anybody does; {@code PREFERRED_LEADER_NOT_AVAILABLE} and {@code
     * ELIGIBLE_LEADERS_NOT_AVAILABLE} if there is none to elect.
     */
    record ElectLeader(Uuid topicId, int partition, ElectionType type) implements Command<PartitionImage> {}

    /**
     * Moves a partition to other brokers: at once where those in sync allow it, else once new ones are in sync.
     *
     * <p>Refused with {@code UNKNOWN_TOPIC_OR_PARTITION}, {@code INVALID_REPLICA_ASSIGNMENT}, {@code
     * INVALID_REPLICATION_FACTOR}, {@code NO_REASSIGNMENT_IN_PROGRESS}.
     *
     * @param target broker ids, the preferred leader first; empty to go back to where it was before
     * @param factorMayChange whether the partition may have more or fewer replicas afterwards (KIP-860)
     */
    record AlterPartitionReassignment(
            String topic, int partition, Optional<List<Integer>> target, boolean factorMayChange)
            implements Command<PartitionImage> {
        public AlterPartitionReassignment {
            target = target.map(List::copyOf);
        }
    }

    /** The changes of one resource's configs, all or none. */
    record IncrementalAlterConfigs(ConfigResource resource, List<ConfigChange> changes) implements Command<Done> {
        public IncrementalAlterConfigs {
            changes = List.copyOf(changes);
        }
    }

    /** @param value empty where the client sent null, which only a deletion may */
    record ConfigChange(String name, OpType operation, Optional<String> value) {}

    /** Replaces all configs of one resource: the old AlterConfigs. A value is empty where the client sent null. */
    record ReplaceConfigs(ConfigResource resource, Map<String, Optional<String>> configs) implements Command<Done> {
        public ReplaceConfigs {
            configs = Map.copyOf(configs);
        }
    }

    /**
     * A broker is in service from now on, with a new epoch. Whatever it led or followed in an earlier life is settled in
     * the same step.
     *
     * @param previousEpoch the epoch with which it was shut down cleanly; {@link #NO_EPOCH} if it was not, or was never
     *     registered. A broker that was not may have lost what it had acknowledged, and is no eligible leader any more
     */
    record RegisterBroker(
            int id,
            Uuid incarnation,
            List<Endpoint> endpoints,
            Optional<String> rack,
            Map<String, VersionRange> features,
            long previousEpoch)
            implements Command<BrokerImage> {
        public RegisterBroker {
            endpoints = List.copyOf(endpoints);
            features = Map.copyOf(features);
        }

        /** Of a broker that was not shut down cleanly. */
        public RegisterBroker(
                int id,
                Uuid incarnation,
                List<Endpoint> endpoints,
                Optional<String> rack,
                Map<String, VersionRange> features) {
            this(id, incarnation, endpoints, rack, features, NO_EPOCH);
        }
    }

    /**
     * A broker is about to stop: it leaves all ISRs that have other members and leads nothing any more. It stays in
     * service for those that still fetch from it until it is fenced. Refused with {@code STALE_BROKER_EPOCH} if it has
     * registered again meanwhile.
     */
    record ControlledShutdown(int brokerId, long brokerEpoch) implements Command<Done> {}

    /** A broker is out of service: it leaves ISRs, and new leaders are elected for all it led. Refused with {@code STALE_BROKER_EPOCH} if it has registered again meanwhile. */
    record FenceBroker(int id, long epoch) implements Command<Done> {}

    /** A broker is gone for good. */
    record UnregisterBroker(int id) implements Command<Done> {}

    /** A block of producer ids for a broker to hand out. */
    record AllocateProducerIds(int brokerId, long brokerEpoch) implements Command<ProducerIdBlock> {}

    /**
     * All updates or none.
     *
     * @param minInsyncReplicas what becomes {@code min.insync.replicas} of the cluster if it has none and eligible leader
     *     replicas (KIP-966) are among the updates; 0 in commands from before there were any
     */
    record UpdateFeatures(Map<String, FeatureUpdate> updates, int minInsyncReplicas) implements Command<Done> {
        public UpdateFeatures {
            updates = Map.copyOf(updates);
        }

        public UpdateFeatures(Map<String, FeatureUpdate> updates) {
            this(updates, 0);
        }
    }

    /** @param level 0 removes the feature */
    record FeatureUpdate(short level, UpgradeType upgradeType) {}
}
