package io.odradek.api;

import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.InternalTopic;
import io.odradek.metadata.Command.CreateTopic;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.ClientText;
import io.odradek.security.Quotas;
import io.odradek.spi.QuotaEnforcer.Usage;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;

/**
 * Creates topics that clients ask for by name and that do not exist, with the broker's defaults, or as their coordinator
 * needs them. Thread-safe.
 *
 * <p>Unlike Apache Kafka, which has the client ask again, this waits until the topic is there; a topic that cannot be
 * created is reported as unknown, as in Kafka.
 */
public final class TopicAutoCreation {
    private static final Logger LOG = Logger.getLogger(TopicAutoCreation.class);

    /** As in Kafka: what one request may create. */
    private static final int MAX_PARTITIONS_PER_REQUEST = 10_000;

    private final MetadataStore metadata;
    private final BrokerConfig config;
    private final Quotas quotas;
    private final Map<String, InternalTopic> internalTopics;
    private final Supplier<Uuid> newId;
    /** Topics on their way. Bounded by the requests in flight. */
    private final Map<String, CompletionStage<Void>> inFlight = new ConcurrentHashMap<>();

    /**
     * @param internalTopics that are made in a way of their own
     * @param newId makes ids for topics, {@link Uuid#randomUuid()} but in tests
     */
    public TopicAutoCreation(
            MetadataStore metadata,
            BrokerConfig config,
            Quotas quotas,
            Collection<InternalTopic> internalTopics,
            Supplier<Uuid> newId) {
        this.metadata = metadata;
        this.config = config;
        this.quotas = quotas;
        this.internalTopics =
                internalTopics.stream().collect(Collectors.toMap(InternalTopic::name, Function.identity()));
        this.newId = newId;
    }

    boolean enabled() {
        return config.log().autoCreateTopics();
    }

    /**
     * Completes, never with a failure, once all these topics exist or cannot be created. None is created where they are
     * too many.
     */
    CompletionStage<Void> create(RequestContext context, Collection<String> names) {
        var creatable = names.stream()
                .filter(name -> TopicMetadata.missingError(name) == Errors.UNKNOWN_TOPIC_OR_PARTITION)
                .collect(Collectors.toSet());
        if ((long) creatable.size() * config.log().numPartitions() > MAX_PARTITIONS_PER_REQUEST) {
            return CompletableFuture.completedStage(null);
        }
        var creations = creatable.stream()
                .map(name -> create(context, name).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(creations);
    }

    private CompletionStage<Void> create(RequestContext context, String name) {
        var internal = internalTopics.get(name);
        if (internal != null) {
            return internal.create();
        }
        var mine = new CompletableFuture<Void>();
        var other = inFlight.putIfAbsent(name, mine);
        if (other != null) {
            return other;
        }
        int partitions = config.log().numPartitions();
        var command = new CreateTopic(
                newId.get(), name, partitions, config.replication().defaultReplicationFactor(), Map.of(), Map.of());
        quotas.record(context.client(), context.clientId(), Usage.CONTROLLER_MUTATIONS, partitions);
        // What cannot be created would cost a write to the metadata log each time that it is asked for.
        Outcome.validate(metadata, command)
                .thenCompose(valid -> valid.isOk()
                        ? metadata.propose(command)
                        : CompletableFuture.failedStage(valid.error().exception()))
                .whenComplete((topic, failure) -> {
                    inFlight.remove(name);
                    log(context, name, failure);
                    mine.complete(null);
                });
        return mine;
    }

    /** A client that asks for what cannot be, again and again, is not worth a line each time. */
    private static void log(RequestContext context, String name, Throwable failure) {
        var cause = Errors.maybeUnwrapException(failure);
        var client = ClientText.oneLine(context.clientId());
        if (cause == null) {
            LOG.infof("Created topic %s for client %s", name, client);
        } else if (cause instanceof ApiException && !(cause instanceof RetriableException)) {
            LOG.debugf("Topic %s of client %s could not be created: %s", name, client, cause.getMessage());
        } else {
            LOG.warnf("Topic %s of client %s could not be created: %s", name, client, cause.getMessage());
        }
    }
}
