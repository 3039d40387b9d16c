package io.odradek.coordinator;

import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.Command.CreateTopic;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Utils;
import org.jboss.logging.Logger;

/** A topic that a coordinator keeps its state in: made when it is first needed, found by key. Thread-safe. */
public final class InternalTopic {
    private static final Logger LOG = Logger.getLogger(InternalTopic.class);

    private final String name;
    private final int partitions;
    private final short replicationFactor;
    private final Map<String, String> configs;
    private final MetadataStore metadata;
    private final Supplier<Uuid> newId;
    private final AtomicReference<CompletableFuture<Void>> creation = new AtomicReference<>();

    /**
     * @param partitions that it gets when it is created; one that exists keeps what it has
     * @param replicationFactor that it gets, or as many replicas as the cluster has brokers then
     * @param configs that it gets
     * @param newId {@link Uuid#randomUuid()} but in tests
     */
    public InternalTopic(
            String name,
            int partitions,
            short replicationFactor,
            Map<String, String> configs,
            MetadataStore metadata,
            Supplier<Uuid> newId) {
        this.name = name;
        this.partitions = partitions;
        this.replicationFactor = replicationFactor;
        this.configs = Map.copyOf(configs);
        this.metadata = metadata;
        this.newId = newId;
    }

    public String name() {
        return name;
    }

    /** How many partitions the topic has, or will have. */
    public int partitions() {
        return image(metadata.image()).map(t -> t.partitions().size()).orElse(partitions);
    }

    /** The partition that a group or transactional id belongs to, as in Kafka. */
    public int partitionFor(String key) {
        return Utils.abs(key.hashCode()) % partitions();
    }

    /** The broker that leads the partition of {@code key}, if there is one in service. */
    public Optional<BrokerImage> coordinator(MetadataImage image, String key) {
        return image(image)
                .flatMap(t -> t.partition(partitionFor(key)))
                .map(PartitionImage::leader)
                .flatMap(image::broker)
                .filter(broker -> !broker.fenced());
    }

    private Optional<TopicImage> image(MetadataImage image) {
        return image.topics().byName(name);
    }

    /**
     * How many brokers there are, those included that are not in service yet or at the moment: a topic that is asked for
     * while a cluster starts must not be left with fewer replicas for ever. As in Kafka it cannot be created until then.
     */
    private int expectedBrokers(MetadataImage image) {
        return Math.max(image.brokers().size(), metadata.quorum().voters().size());
    }

    /** Completes, never with a failure, once the topic exists or cannot be created. */
    public CompletionStage<Void> create() {
        var image = metadata.image();
        if (image(image).isPresent()) {
            return CompletableFuture.completedStage(null);
        }
        var mine = new CompletableFuture<Void>();
        var other = creation.compareAndExchange(null, mine);
        if (other != null) {
            return other;
        }
        short replicas = (short) Math.max(1, Math.min(replicationFactor, expectedBrokers(image)));
        metadata.propose(new CreateTopic(newId.get(), name, partitions, replicas, Map.of(), configs))
                .whenComplete((topic, failure) -> {
                    creation.set(null);
                    if (failure == null) {
                        LOG.infof("Created topic %s with %d partitions and %d replicas", name, partitions, replicas);
                    } else if (image(metadata.image()).isEmpty()) {
                        LOG.warnf("Topic %s could not be created: %s", name, failure.getMessage());
                    }
                    mine.complete(null);
                });
        return mine;
    }
}
