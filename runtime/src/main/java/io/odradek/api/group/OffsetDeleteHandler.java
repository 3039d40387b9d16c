package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.group.GroupCoordinator;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.resource.ResourceType;

/** OffsetDelete: single offsets of a group, of topics that it does not read any more (KIP-496). */
public final class OffsetDeleteHandler implements ApiHandler<OffsetDeleteRequest> {
    private final GroupCoordinator groups;
    private final MetadataStore metadata;
    private final AccessControl access;

    public OffsetDeleteHandler(GroupCoordinator groups, MetadataStore metadata, AccessControl access) {
        this.groups = groups;
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.OFFSET_DELETE;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, OffsetDeleteRequest request) {
        var data = request.data();
        return access.allowed(context.client(), AclOperation.DELETE, ResourceType.GROUP, data.groupId())
                .thenCompose(allowed -> allowed
                        ? mayRead(context, data).thenCompose(mayRead -> delete(data, mayRead))
                        : CompletableFuture.completedStage(
                                Reply.of(request.getErrorResponse(Errors.GROUP_AUTHORIZATION_FAILED.exception()))));
    }

    private CompletionStage<Predicate<String>> mayRead(RequestContext context, OffsetDeleteRequestData request) {
        return access.allowed(
                context.client(),
                AclOperation.READ,
                ResourceType.TOPIC,
                request.topics().stream().map(OffsetDeleteRequestTopic::name).toList());
    }

    /** The group is asked also if nothing remains to be deleted: it may have an error of its own. */
    private CompletionStage<Reply> delete(OffsetDeleteRequestData request, Predicate<String> mayRead) {
        var image = metadata.image();
        var response = new OffsetDeleteResponse.Builder();
        var accepted = new OffsetDeleteRequestTopicCollection();
        for (var topic : request.topics()) {
            if (!mayRead.test(topic.name())) {
                response.addPartitions(
                        topic.name(),
                        topic.partitions(),
                        OffsetDeleteRequestPartition::partitionIndex,
                        Errors.TOPIC_AUTHORIZATION_FAILED);
                continue;
            }
            var known = new OffsetDeleteRequestTopic().setName(topic.name());
            for (var partition : topic.partitions()) {
                if (KnownTopics.hasPartition(image, topic.name(), partition.partitionIndex())) {
                    known.partitions().add(partition);
                } else {
                    response.addPartition(topic.name(), partition.partitionIndex(), Errors.UNKNOWN_TOPIC_OR_PARTITION);
                }
            }
            if (!known.partitions().isEmpty()) {
                accepted.add(known);
            }
        }
        return delete(new OffsetDeleteRequestData()
                        .setGroupId(request.groupId())
                        .setTopics(accepted))
                .thenApply(deleted -> Reply.of(response.merge(deleted).build()));
    }

    private CompletionStage<OffsetDeleteResponseData> delete(OffsetDeleteRequestData accepted) {
        var groupId = accepted.groupId();
        var deleted = groupId.isEmpty()
                ? CompletableFuture.<OffsetDeleteResponseData>failedStage(Errors.INVALID_GROUP_ID.exception())
                : groups.write(groupId, shard -> shard.offsets().delete(accepted));
        return deleted.exceptionally(e -> new OffsetDeleteResponseData()
                .setErrorCode(Errors.forException(e).code()));
    }
}
