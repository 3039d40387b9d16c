package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.group.GroupCoordinator;
import io.odradek.group.consumer.ConsumerCaller;
import io.odradek.group.consumer.ConsumerGroups;
import io.odradek.group.consumer.HeartbeatOutcome;
import io.odradek.group.consumer.RegexLookup;
import io.odradek.security.AccessControl;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.resource.ResourceType;
import org.jboss.logging.Logger;

/**
 * ConsumerGroupHeartbeat (KIP-848): a member joins, reports, leaves. If regular expressions are to be looked up for it, that
 * happens afterwards, with what this client may see; the response does not wait for it.
 */
public final class ConsumerGroupHeartbeatHandler implements ApiHandler<ConsumerGroupHeartbeatRequest> {
    private static final Logger LOG = Logger.getLogger(ConsumerGroupHeartbeatHandler.class);

    private final GroupCoordinator groups;
    private final AccessControl access;
    private final ConsumerProtocol protocol;
    private final Executor background;

    /** @param background threads that may take their time */
    public ConsumerGroupHeartbeatHandler(
            GroupCoordinator groups, ConsumerProtocol protocol, AccessControl access, Executor background) {
        this.groups = groups;
        this.protocol = protocol;
        this.access = access;
        this.background = background;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.CONSUMER_GROUP_HEARTBEAT;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ConsumerGroupHeartbeatRequest request) {
        if (!protocol.isServed()) {
            return refuse(Errors.UNSUPPORTED_VERSION);
        }
        var data = request.data();
        return access.allowed(context.client(), AclOperation.READ, ResourceType.GROUP, data.groupId())
                .thenCompose(
                        allowed -> allowed ? withTopics(context, request) : refuse(Errors.GROUP_AUTHORIZATION_FAILED));
    }

    private CompletionStage<Reply> withTopics(RequestContext context, ConsumerGroupHeartbeatRequest request) {
        var topics = request.data().subscribedTopicNames();
        if (topics == null || topics.isEmpty()) {
            return beat(context, request);
        }
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, topics)
                .thenCompose(allowed -> topics.stream().allMatch(allowed)
                        ? beat(context, request)
                        : refuse(Errors.TOPIC_AUTHORIZATION_FAILED));
    }

    private CompletionStage<Reply> beat(RequestContext context, ConsumerGroupHeartbeatRequest request) {
        try {
            HeartbeatChecks.check(request.data(), request.version(), protocol.assignors());
        } catch (ApiException e) {
            return CompletableFuture.completedStage(failed(e));
        }
        var caller = new ConsumerCaller(
                context.clientId(), ClassicCallers.of(context).clientHost());
        return groups.write(request.data().groupId(), shard -> shard.kind(ConsumerGroups.class)
                        .heartbeat(caller, request.data()))
                .handle((outcome, failure) -> failure == null ? replied(context, outcome) : failed(failure));
    }

    /** With the reason, which clients show to their users. */
    private static Reply failed(Throwable failure) {
        var error = ApiError.fromThrowable(failure);
        return reply(new ConsumerGroupHeartbeatResponseData()
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message()));
    }

    private Reply replied(RequestContext context, HeartbeatOutcome outcome) {
        outcome.lookup().ifPresent(lookup -> lookUp(context, lookup));
        return reply(outcome.response());
    }

    /** One that fails is asked for again by a later heartbeat. */
    private void lookUp(RequestContext context, RegexLookup lookup) {
        try {
            CompletableFuture.supplyAsync(lookup::run, background)
                    .thenCompose(found -> visible(context, found))
                    .thenCompose(visible -> groups.write(lookup.groupId(), shard -> shard.kind(ConsumerGroups.class)
                            .resolved(lookup, visible)))
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            LOG.debugf("Topics of group %s could not be looked up: %s", lookup.groupId(), failure);
                        }
                    });
        } catch (RejectedExecutionException e) {
            LOG.debugf("Topics of group %s could not be looked up: too much else waits", lookup.groupId());
        }
    }

    private CompletionStage<Map<String, Set<String>>> visible(RequestContext context, Map<String, Set<String>> found) {
        var topics = new TreeSet<String>();
        found.values().forEach(topics::addAll);
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, topics)
                .thenApply(allowed -> {
                    var visible = new HashMap<String, Set<String>>();
                    found.forEach((regex, names) -> {
                        var kept = new TreeSet<>(names);
                        kept.removeIf(allowed.negate());
                        visible.put(regex, kept);
                    });
                    return visible;
                });
    }

    private static CompletionStage<Reply> refuse(Errors error) {
        return CompletableFuture.completedStage(
                reply(new ConsumerGroupHeartbeatResponseData().setErrorCode(error.code())));
    }

    private static Reply reply(ConsumerGroupHeartbeatResponseData data) {
        return Reply.of(new ConsumerGroupHeartbeatResponse(data));
    }
}
