package io.odradek.api;

import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.InternalTopic;
import io.odradek.metadata.Command.CreateTopic;
import io.odradek.metadata.Command.InitializeCluster;
import io.odradek.metadata.Command.RegisterBroker;
import io.odradek.metadata.DynamicSettings;
import io.odradek.metadata.Endpoint;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.TopicImage;
import io.odradek.security.AccessControl;
import io.odradek.security.ClientIdentity;
import io.odradek.security.Quotas;
import io.odradek.spi.Authorizer;
import io.odradek.spi.Client;
import io.odradek.spi.QuotaEnforcer;
import io.smallrye.mutiny.Uni;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** Brokers 1 and 2 in memory; the handlers under test are broker 1's. */
final class AdminFixture {
    static final String CLUSTER_ID = "cluster-of-the-test";

    final InMemoryMetadataStore metadata = new InMemoryMetadataStore(1);
    private final Map<String, String> settings = new HashMap<>(Map.of(
            "node.id", "1",
            "log.dirs", "/nowhere",
            "listeners", "PLAINTEXT://localhost:9092",
            "num.partitions", "3"));
    private Predicate<Authorizer.Action> permitted = action -> true;
    private boolean restricted;
    private QuotaEnforcer quotas = QuotaEnforcer.unlimited();

    AdminFixture() {
        metadata.apply(new InitializeCluster(CLUSTER_ID, Features.latest()));
        register(1, Optional.of("rack-1"), "PLAINTEXT");
    }

    AdminFixture with(String setting, String value) {
        settings.put(setting, value);
        return this;
    }

    /** From now on nothing but this is allowed. */
    AdminFixture permit(Predicate<Authorizer.Action> actions) {
        permitted = actions;
        restricted = true;
        return this;
    }

    /** Every mutation is throttled by this time once one has been counted. */
    AdminFixture throttle(long throttleMs) {
        quotas = new QuotaEnforcer() {
            private long used;

            @Override
            public String name() {
                return "test";
            }

            @Override
            public long record(Subject subject, Usage usage, long amount, long nowNanos) {
                used += amount;
                return used > 0 ? throttleMs : 0;
            }
        };
        return this;
    }

    void register(int id, Optional<String> rack, String... listeners) {
        var endpoints = new ArrayList<Endpoint>();
        for (var listener : listeners) {
            endpoints.add(new Endpoint(listener, "host-" + id, 9092, SecurityProtocol.PLAINTEXT));
        }
        metadata.apply(new RegisterBroker(id, Uuid.randomUuid(), endpoints, rack, Features.supported()));
    }

    TopicImage topic(String name, int partitions) {
        return metadata.apply(new CreateTopic(Uuid.randomUuid(), name, partitions, (short) 1, Map.of(), Map.of()));
    }

    BrokerConfig config() {
        return BrokerConfig.of(settings);
    }

    AccessControl access() {
        return restricted ? new AccessControl(authorizer()) : AccessControl.allowAll();
    }

    Quotas quotas() {
        return new Quotas(quotas, () -> 0);
    }

    private Authorizer authorizer() {
        return new Authorizer() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public Uni<List<Decision>> authorize(Client client, List<Action> actions) {
                return Uni.createFrom()
                        .item(actions.stream()
                                .map(a -> permitted.test(a) ? Decision.ALLOWED : Decision.DENIED)
                                .toList());
            }

            @Override
            public Uni<Decision> authorizeAny(Client client, Operation operation, ResourceType resourceType) {
                return Uni.createFrom().item(Decision.DENIED);
            }
        };
    }

    private InternalTopic internalTopic(String name) {
        return new InternalTopic(name, 3, (short) 1, Map.of("cleanup.policy", "compact"), metadata, Uuid::randomUuid);
    }

    List<ApiHandler<?>> handlers() {
        var config = config();
        var access = access();
        var quotas = quotas();
        var loggers = new BrokerLoggers();
        var dynamic = new DynamicSettings(config);
        metadata.addListener(dynamic);
        var changes = new ConfigChanges(metadata, access, dynamic, config.nodeId(), Runnable::run);
        var handlers = new ArrayList<ApiHandler<?>>(List.of(
                new MetadataHandler(
                        metadata, new TopicAutoCreation(metadata, config, quotas, List.of(), Uuid::randomUuid), access),
                new DescribeTopicPartitionsHandler(metadata, config, access),
                new CreateTopicsHandler(metadata, config, access, quotas, Uuid::randomUuid),
                new DeleteTopicsHandler(metadata, config, access, quotas),
                new CreatePartitionsHandler(metadata, access, quotas),
                new DescribeConfigsHandler(metadata, config, access, loggers),
                new AlterConfigsHandler(changes),
                new IncrementalAlterConfigsHandler(changes, access, loggers),
                new ListConfigResourcesHandler(metadata, access),
                new DescribeClusterHandler(metadata, access),
                new DescribeQuorumHandler(metadata, access),
                new UpdateFeaturesHandler(metadata, config.topicDefaults().minInsyncReplicas(), access),
                new ElectLeadersHandler(metadata, access),
                new AlterPartitionReassignmentsHandler(metadata, access),
                new ListPartitionReassignmentsHandler(metadata, access),
                new UnregisterBrokerHandler(metadata, access),
                new FindCoordinatorHandler(
                        metadata, internalTopic("__consumer_offsets"), internalTopic("__transaction_state"), access)));
        var served = handlers.stream().map(ApiHandler::apiKey).collect(java.util.stream.Collectors.toSet());
        handlers.add(new ApiVersionsHandler(served, metadata, config.nodeId()));
        return handlers;
    }

    /** The way of a request through the network: bytes, request, handler, response, bytes; the answer as a client reads it. */
    @SuppressWarnings("unchecked")
    <T extends ApiMessage> T call(ApiKeys api, int version, ApiMessage request) {
        return (T) call(new ApiDispatcher(handlers()), api, (short) version, request);
    }

    static ApiMessage call(ApiDispatcher dispatcher, ApiKeys api, short version, ApiMessage request) {
        var parsed =
                AbstractRequest.parseRequest(api, version, MessageUtil.toByteBufferAccessor(request, version)).request;
        var reply = dispatcher
                .dispatch(context(api, version), parsed)
                .toCompletableFuture()
                .join();
        var response = ((Reply.Respond) reply).response();
        var answer = org.apache.kafka.common.message.ApiMessageType.fromApiKey(api.id)
                .newResponse();
        answer.read(MessageUtil.toByteBufferAccessor(response.data(), version), version);
        return answer;
    }

    static RequestContext context(ApiKeys api, short version) {
        return new RequestContext(
                ClientIdentity.anonymous(
                        "PLAINTEXT", SecurityProtocol.PLAINTEXT, new InetSocketAddress("localhost", 40000)),
                new RequestHeader(api, version, "client", 1),
                0);
    }
}
