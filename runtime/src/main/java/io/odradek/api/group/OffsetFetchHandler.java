package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.group.GroupCoordinator;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * OffsetFetch: of one group or, from version 8 on, of several; of the topics that are asked for or of all. From version 10
 * on, topics come as ids.
 */
public final class OffsetFetchHandler implements ApiHandler<OffsetFetchRequest> {
    private final GroupCoordinator groups;
    private final MetadataStore metadata;
    private final AccessControl access;

    public OffsetFetchHandler(GroupCoordinator groups, MetadataStore metadata, AccessControl access) {
        this.groups = groups;
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.OFFSET_FETCH;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, OffsetFetchRequest request) {
        var asked = request.groups();
        var ids = asked.stream().map(OffsetFetchRequestGroup::groupId).toList();
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.GROUP, ids)
                .thenCompose(mayDescribe -> Stages.all(asked.stream()
                        .map(group -> mayDescribe.test(group.groupId())
                                ? fetch(context, group, request.requireStable())
                                : CompletableFuture.completedStage(OffsetFetchResponse.groupError(
                                        group, Errors.GROUP_AUTHORIZATION_FAILED, request.version())))
                        .toList()))
                .thenApply(answers -> Reply.of(new OffsetFetchResponse.Builder(answers).build(request.version())));
    }

    private CompletionStage<OffsetFetchResponseGroup> fetch(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        return OffsetFetchRequest.requestAllOffsets(group)
                ? fetchAll(context, group, requireStable)
                : fetchSome(context, group, requireStable);
    }

    private CompletionStage<OffsetFetchResponseGroup> ask(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        return groups.read(group.groupId(), shard -> shard.offsets().fetch(group, requireStable))
                .exceptionally(
                        e -> OffsetFetchResponse.groupError(group, Errors.forException(e), context.apiVersion()));
    }

    /** Topics that the client may not describe are left out: it has not asked for them by name. */
    private CompletionStage<OffsetFetchResponseGroup> fetchAll(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        return ask(context, group, requireStable).thenCompose(answer -> mayDescribe(
                        context,
                        answer.topics().stream()
                                .map(OffsetFetchResponseTopics::name)
                                .toList())
                .thenApply(mayDescribe -> answer.setTopics(answer.topics().stream()
                        .filter(topic -> mayDescribe.test(topic.name()))
                        .filter(topic -> !usesIds(context) || identify(topic))
                        .toList())));
    }

    /** @return whether there is such a topic: only then can it be told by its id */
    private boolean identify(OffsetFetchResponseTopics topic) {
        topic.setTopicId(KnownTopics.id(metadata.image(), topic.name()));
        return !topic.topicId().equals(Uuid.ZERO_UUID);
    }

    private CompletionStage<OffsetFetchResponseGroup> fetchSome(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        if (usesIds(context)) {
            var image = metadata.image();
            group.topics()
                    .forEach(topic -> topic.setName(
                            KnownTopics.name(image, topic.topicId()).orElse("")));
        }
        var names = group.topics().stream()
                .map(OffsetFetchRequestTopics::name)
                .filter(name -> !name.isEmpty())
                .toList();
        return mayDescribe(context, names)
                .thenCompose(mayDescribe -> fetchSome(context, group, requireStable, mayDescribe));
    }

    private CompletionStage<OffsetFetchResponseGroup> fetchSome(
            RequestContext context,
            OffsetFetchRequestGroup group,
            boolean requireStable,
            Predicate<String> mayDescribe) {
        var accepted = new ArrayList<OffsetFetchRequestTopics>();
        var refused = new ArrayList<OffsetFetchResponseTopics>();
        for (var topic : group.topics()) {
            if (usesIds(context) && topic.name().isEmpty()) {
                refused.add(refuse(topic, Errors.UNKNOWN_TOPIC_ID));
            } else if (!mayDescribe.test(topic.name())) {
                refused.add(refuse(topic, Errors.TOPIC_AUTHORIZATION_FAILED));
            } else {
                accepted.add(topic);
            }
        }
        return ask(context, group.duplicate().setTopics(accepted), requireStable)
                .thenApply(answer ->
                        answer.errorCode() == Errors.NONE.code() ? answer.setTopics(both(answer, refused)) : answer);
    }

    private static List<OffsetFetchResponseTopics> both(
            OffsetFetchResponseGroup answer, List<OffsetFetchResponseTopics> refused) {
        var topics = new ArrayList<>(answer.topics());
        topics.addAll(refused);
        return topics;
    }

    private CompletionStage<Predicate<String>> mayDescribe(RequestContext context, List<String> names) {
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, names);
    }

    private static boolean usesIds(RequestContext context) {
        return OffsetFetchRequest.useTopicIds(context.apiVersion());
    }

    private static OffsetFetchResponseTopics refuse(OffsetFetchRequestTopics topic, Errors error) {
        return new OffsetFetchResponseTopics()
                .setTopicId(topic.topicId())
                .setName(topic.name())
                .setPartitions(topic.partitionIndexes().stream()
                        .map(partition -> new OffsetFetchResponsePartitions()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(OffsetFetchResponse.INVALID_OFFSET)
                                .setErrorCode(error.code()))
                        .toList());
    }
}
