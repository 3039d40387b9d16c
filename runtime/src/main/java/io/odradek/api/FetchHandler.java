package io.odradek.api;

import io.odradek.api.fetch.FetchContext;
import io.odradek.api.fetch.FetchLimits;
import io.odradek.api.fetch.FetchSessions;
import io.odradek.api.fetch.FetchTarget;
import io.odradek.api.fetch.FetchedPartition;
import io.odradek.api.fetch.FetchedPartitions;
import io.odradek.api.fetch.PartitionFetcher;
import io.odradek.api.fetch.PlannedPartition;
import io.odradek.api.fetch.WatchedPartitions.Restless;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.TopicImage;
import io.odradek.replication.FetchIsolation;
import io.odradek.replication.PartitionRegistry;
import io.odradek.security.AccessControl;
import io.odradek.security.Quotas;
import io.odradek.spi.QuotaEnforcer.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.NodeEndpoint;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.replica.ClientMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.resource.ResourceType;

/** Fetch: what it is about is in the session, what there is in the partitions; waits until that is enough. */
public final class FetchHandler implements ApiHandler<FetchRequest> {
    private static final short FIRST_VERSION_WITH_STORAGE_ERROR = 6;
    private static final short FIRST_VERSION_WITH_RACK = 11;
    private static final short FIRST_VERSION_WITH_NODE_ENDPOINTS = 16;

    private final PartitionRegistry partitions;
    private final PartitionFetcher fetcher;
    private final FetchSessions sessions;
    private final AccessControl access;
    private final Quotas quotas;
    private final IntSupplier maxBytes;

    /** @param maxBytes {@code fetch.max.bytes} as it is now */
    public FetchHandler(
            PartitionRegistry partitions,
            PartitionFetcher fetcher,
            FetchSessions sessions,
            AccessControl access,
            Quotas quotas,
            IntSupplier maxBytes) {
        this.partitions = partitions;
        this.fetcher = fetcher;
        this.sessions = sessions;
        this.access = access;
        this.quotas = quotas;
        this.maxBytes = maxBytes;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.FETCH;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, FetchRequest request) {
        var image = partitions.image();
        var fetch = sessions.context(
                request, id -> image.topics().byId(id).map(TopicImage::name).orElse(null));
        var limits = limits(context, request);
        return mayRead(context, request, fetch, image)
                .thenCompose(mayRead ->
                        fetcher.fetch(fetch, restless -> plan(restless, image, mayRead), limits, context.abandonment()))
                .thenApply(fetched -> reply(context, request, fetch, fetched));
    }

    /** If something may not be read that could be before, it has to be looked at, whether it has got on or not. */
    private CompletionStage<Predicate<String>> mayRead(
            RequestContext context, FetchRequest request, FetchContext fetch, MetadataImage image) {
        if (request.isFromFollower()) {
            return access.allowedOnCluster(context.client(), AclOperation.CLUSTER_ACTION)
                    .thenApply(allowed -> {
                        if (!allowed) {
                            fetch.partitions().stir();
                        }
                        return topic -> allowed;
                    });
        }
        var topics = access.allowsEverything() ? List.<String>of() : topicNames(fetch, image);
        return access.allowed(context.client(), AclOperation.READ, ResourceType.TOPIC, topics)
                .thenApply(mayRead -> {
                    if (!topics.stream().allMatch(mayRead)) {
                        fetch.partitions().stir();
                    }
                    return mayRead;
                });
    }

    private static List<String> topicNames(FetchContext fetch, MetadataImage image) {
        return fetch.partitions().topics().stream()
                .map(target -> nameOf(target, topicOf(target, image)))
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
    }

    private static Optional<ClientMetadata> consumer(RequestContext context, FetchRequest request) {
        if (request.isFromFollower() || request.version() < FIRST_VERSION_WITH_RACK) {
            return Optional.empty();
        }
        var client = context.client();
        return Optional.of(new ClientMetadata.DefaultClientMetadata(
                request.data().rackId(),
                context.clientId(),
                client.address().getAddress(),
                client.principal(),
                client.listener()));
    }

    private FetchLimits limits(RequestContext context, FetchRequest request) {
        int most = Math.min(request.maxBytes(), maxBytes.getAsInt());
        var isolation = FetchIsolation.HIGH_WATERMARK;
        if (request.isFromFollower()) {
            isolation = FetchIsolation.LOG_END;
        } else if (RequestedIsolation.of(request.data().isolationLevel()) == IsolationLevel.READ_COMMITTED) {
            isolation = FetchIsolation.TXN_COMMITTED;
        }
        return new FetchLimits(
                request.replicaId(),
                request.data().replicaState().replicaEpoch(),
                consumer(context, request),
                isolation,
                Math.min(request.minBytes(), most),
                most,
                request.maxWait());
    }

    private static List<PlannedPartition> plan(
            List<Restless> restless, MetadataImage image, Predicate<String> mayRead) {
        var plan = new ArrayList<PlannedPartition>(restless.size());
        FetchTarget previous = null;
        var topic = Optional.<TopicImage>empty();
        for (var each : restless) {
            var target = each.target();
            if (previous == null || !previous.isOfSameTopic(target)) {
                topic = topicOf(target, image);
            }
            previous = target;
            var name = nameOf(target, topic);
            plan.add(
                    new PlannedPartition(each.partition(), target, name, refusal(target, name, topic, image, mayRead)));
        }
        return plan;
    }

    private static Optional<TopicImage> topicOf(FetchTarget target, MetadataImage image) {
        return target.namedById()
                ? image.topics().byId(target.topicId())
                : image.topics().byName(target.topic());
    }

    private static String nameOf(FetchTarget target, Optional<TopicImage> topic) {
        return topic.isPresent() ? topic.get().name() : target.knownTopic();
    }

    private static Errors refusal(
            FetchTarget target,
            String name,
            Optional<TopicImage> topic,
            MetadataImage image,
            Predicate<String> mayRead) {
        if (name.isEmpty() && target.namedById()) {
            return Errors.UNKNOWN_TOPIC_ID;
        }
        if (!mayRead.test(name)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        if (topic.isPresent()) {
            int partition = target.partition();
            boolean exists =
                    partition >= 0 && partition < topic.get().partitions().size();
            return exists ? Errors.NONE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        // A topic of a session that has been deleted since, and perhaps made anew.
        return image.topics()
                        .byName(name)
                        .flatMap(t -> t.partition(target.partition()))
                        .isPresent()
                ? Errors.INCONSISTENT_TOPIC_ID
                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private Reply reply(RequestContext context, FetchRequest request, FetchContext fetch, FetchedPartitions fetched) {
        if (request.isFromFollower()) {
            partitions.traffic().sent(fetched.bytes(), fetched.throttledBytes());
        }
        int throttleTimeMs = request.isFromFollower()
                ? 0
                : quotas.record(context.client(), context.clientId(), Usage.FETCH_BYTES, fetched.bytes());
        if (throttleTimeMs > 0) {
            // As in Kafka, what is held back comes with the next fetch.
            fetched.close();
            return Reply.of(FetchResponse.of(fetch.respondThrottled(throttleTimeMs)));
        }
        var leaders = adaptErrors(context, fetched.partitions());
        var response = fetch.respond(fetched.partitions());
        if (response.errorCode() != Errors.NONE.code()) {
            fetched.close();
        }
        leaders.forEach(response.nodeEndpoints()::add);
        return Reply.of(FetchResponse.of(response));
    }

    /** Makes errors fit the request's version, and tells those who asked the wrong broker which one to ask (KIP-951). */
    private List<NodeEndpoint> adaptErrors(RequestContext context, List<FetchedPartition> fetched) {
        var endpoints = new ArrayList<NodeEndpoint>();
        for (var each : fetched) {
            var answer = each.answer();
            if (answer.errorCode() == Errors.NONE.code()) {
                continue;
            }
            var error = Errors.forCode(answer.errorCode());
            if (error == Errors.KAFKA_STORAGE_ERROR && context.apiVersion() < FIRST_VERSION_WITH_STORAGE_ERROR) {
                answer.setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code());
            }
            if (context.apiVersion() >= FIRST_VERSION_WITH_NODE_ENDPOINTS
                    && (error == Errors.NOT_LEADER_OR_FOLLOWER || error == Errors.FENCED_LEADER_EPOCH)) {
                addCurrentLeader(context, each.target(), answer, endpoints);
            }
        }
        return endpoints;
    }

    private void addCurrentLeader(
            RequestContext context, FetchTarget target, PartitionData answer, List<NodeEndpoint> endpoints) {
        var image = partitions.image();
        var name = nameOf(target, topicOf(target, image));
        var leader =
                KnownLeader.of(image, name, target.partition(), context.client().listener());
        answer.setCurrentLeader(new FetchResponseData.LeaderIdAndEpoch()
                .setLeaderId(leader.id())
                .setLeaderEpoch(leader.leaderEpoch()));
        if (leader.endpoint().isPresent() && endpoints.stream().noneMatch(e -> e.nodeId() == leader.id())) {
            endpoints.add(new NodeEndpoint()
                    .setNodeId(leader.id())
                    .setHost(leader.endpoint().get().host())
                    .setPort(leader.endpoint().get().port())
                    .setRack(leader.rack().orElse(null)));
        }
    }
}
