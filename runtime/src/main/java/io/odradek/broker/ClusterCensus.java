package io.odradek.broker;

import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.TopicImage;
import java.util.function.ToIntFunction;

/**
 * What there is to count in the metadata, from one broker's point of view.
 *
 * @param activeBrokers in service
 * @param fencedBrokers registered and out of service
 * @param partitions of all topics
 * @param offlinePartitions of them without a leader
 * @param preferredReplicaImbalance of them not led by their preferred replica
 * @param leaders partitions that this broker leads
 * @param replicas partitions that this broker is a replica of
 * @param reassigning of those it leads: on their way to other brokers
 * @param underReplicated of those it leads: fewer in sync than replicas
 * @param underMinIsr of those it leads: fewer in sync than {@code min.insync.replicas} asks for
 * @param atMinIsr of those it leads: just as many
 */
public record ClusterCensus(
        int activeBrokers,
        int fencedBrokers,
        int partitions,
        int offlinePartitions,
        int preferredReplicaImbalance,
        int leaders,
        int replicas,
        int reassigning,
        int underReplicated,
        int underMinIsr,
        int atMinIsr) {

    static final ClusterCensus EMPTY = new ClusterCensus(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** @param minInSync {@code min.insync.replicas} in force for a topic */
    static ClusterCensus of(MetadataImage image, int broker, ToIntFunction<TopicImage> minInSync) {
        int fenced =
                (int) image.brokers().values().stream().filter(b -> b.fenced()).count();
        var counting = new Counting(broker);
        for (var topic : image.topics().all()) {
            counting.add(topic, minInSync);
        }
        return new ClusterCensus(
                image.brokers().size() - fenced,
                fenced,
                (int) image.topics().partitionCount(),
                counting.offline,
                counting.imbalanced,
                counting.leaders,
                counting.replicas,
                counting.reassigning,
                counting.underReplicated,
                counting.underMinIsr,
                counting.atMinIsr);
    }

    private static final class Counting {
        private final int broker;
        private int offline;
        private int imbalanced;
        private int leaders;
        private int replicas;
        private int reassigning;
        private int underReplicated;
        private int underMinIsr;
        private int atMinIsr;

        Counting(int broker) {
            this.broker = broker;
        }

        void add(TopicImage topic, ToIntFunction<TopicImage> minInSync) {
            int minIsr = -1;
            for (var partition : topic.partitions()) {
                offline += partition.hasLeader() ? 0 : 1;
                imbalanced += partition.leader() == partition.preferredLeader() ? 0 : 1;
                replicas += partition.replicas().contains(broker) ? 1 : 0;
                if (partition.leader() != broker) {
                    continue;
                }
                leaders++;
                reassigning += partition.isReassigning() ? 1 : 0;
                int inSync = partition.isr().size();
                int assigned = partition.replicas().size();
                minIsr = minIsr < 0 ? minInSync.applyAsInt(topic) : minIsr;
                // It cannot ask for more replicas than there are.
                int needed = Math.min(minIsr, assigned);
                underReplicated += inSync < assigned ? 1 : 0;
                underMinIsr += inSync < needed ? 1 : 0;
                atMinIsr += inSync == needed ? 1 : 0;
            }
        }
    }
}
