package io.odradek.metadata;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
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

    /** Replicas as a client gave them; the lists are copied. */
    private static Map<Integer, List<Integer>> copy(Map<Integer, List<Integer>> assignments) {
        var copy = new TreeMap<Integer, List<Integer>>();
        assignments.forEach((partition, replicas) -> copy.put(partition, List.copyOf(replicas)));
        return Collections.unmodifiableMap(copy);
    }

    /**
     * The first command of a cluster, which gives it its id and the levels of its features. Refused with
     * {@code INVALID_REQUEST} where the cluster has an id already.
     */
    record InitializeCluster(String clusterId, Map<String, Short> features) implements Command<Done> {
        public InitializeCluster {
            features = Map.copyOf(features);
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

    /** A broker is in service from now on, with a new epoch. Whatever it led or followed in an earlier life is settled in the same step. */
    record RegisterBroker(
            int id,
            Uuid incarnation,
            List<Endpoint> endpoints,
            Optional<String> rack,
            Map<String, VersionRange> features)
            implements Command<BrokerImage> {
        public RegisterBroker {
            endpoints = List.copyOf(endpoints);
            features = Map.copyOf(features);
        }
    }

    /** A broker is out of service: it leaves ISRs, and new leaders are elected for all it led. Refused with {@code STALE_BROKER_EPOCH} if it has registered again meanwhile. */
    record FenceBroker(int id, long epoch) implements Command<Done> {}

    /** A broker is gone for good. */
    record UnregisterBroker(int id) implements Command<Done> {}

    /** A block of producer ids for a broker to hand out. */
    record AllocateProducerIds(int brokerId, long brokerEpoch) implements Command<ProducerIdBlock> {}

    /** All updates or none. */
    record UpdateFeatures(Map<String, FeatureUpdate> updates) implements Command<Done> {
        public UpdateFeatures {
            updates = Map.copyOf(updates);
        }
    }

    /** @param level 0 removes the feature */
    record FeatureUpdate(short level, UpgradeType upgradeType) {}
}
