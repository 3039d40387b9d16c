package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.group.GroupCoordinator;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.resource.ResourceType;

/** OffsetCommit, of members of groups and of consumers outside of any. From version 10 on, topics come as ids (KIP-848). */
public final class OffsetCommitHandler implements ApiHandler<OffsetCommitRequest> {
    private final GroupCoordinator groups;
    private final MetadataStore metadata;
    private final AccessControl access;

    public OffsetCommitHandler(GroupCoordinator groups, MetadataStore metadata, AccessControl access) {
        this.groups = groups;
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.OFFSET_COMMIT;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, OffsetCommitRequest request) {
        return GroupPermissions.toReader(
                access, context, request, request.data().groupId(), () -> commit(context, request));
    }

    private CompletionStage<Reply> commit(RequestContext context, OffsetCommitRequest request) {
        var image = metadata.image();
        var topics = request.data().topics();
        if (OffsetCommitResponse.useTopicIds(request.version())) {
            topics.forEach(topic ->
                    topic.setName(KnownTopics.name(image, topic.topicId()).orElse("")));
        }
        var names = topics.stream()
                .map(OffsetCommitRequestTopic::name)
                .filter(name -> !name.isEmpty())
                .toList();
        return access.allowed(context.client(), AclOperation.READ, ResourceType.TOPIC, names)
                .thenCompose(mayRead -> commit(request, image, mayRead));
    }

    private CompletionStage<Reply> commit(OffsetCommitRequest request, MetadataImage image, Predicate<String> mayRead) {
        boolean byId = OffsetCommitResponse.useTopicIds(request.version());
        var response = OffsetCommitResponse.newBuilder(byId);
        var accepted = new ArrayList<OffsetCommitRequestTopic>();
        for (var topic : request.data().topics()) {
            if (byId && topic.name().isEmpty()) {
                refuse(response, topic, Errors.UNKNOWN_TOPIC_ID);
            } else if (!mayRead.test(topic.name())) {
                refuse(response, topic, Errors.TOPIC_AUTHORIZATION_FAILED);
            } else {
                topic.setTopicId(KnownTopics.id(image, topic.name()));
                var partitions = new ArrayList<OffsetCommitRequestPartition>();
                for (var partition : topic.partitions()) {
                    if (KnownTopics.hasPartition(image, topic.name(), partition.partitionIndex())) {
                        partitions.add(partition);
                    } else {
                        response.addPartition(
                                topic.topicId(),
                                topic.name(),
                                partition.partitionIndex(),
                                Errors.UNKNOWN_TOPIC_OR_PARTITION);
                    }
                }
                if (!partitions.isEmpty()) {
                    accepted.add(new OffsetCommitRequestTopic()
                            .setTopicId(topic.topicId())
                            .setName(topic.name())
                            .setPartitions(partitions));
                }
            }
        }
        return accepted.isEmpty()
                ? CompletableFuture.completedStage(Reply.of(response.build()))
                : commit(of(request.data(), accepted), request.version(), response);
    }

    private CompletionStage<Reply> commit(
            OffsetCommitRequestData accepted, short version, OffsetCommitResponse.Builder response) {
        return groups.write(accepted.groupId(), shard -> shard.commitOffsets(accepted, version))
                .exceptionally(e -> OffsetCommitRequest.getErrorResponse(accepted, Errors.forException(e)))
                .thenApply(committed -> Reply.of(response.merge(committed).build()));
    }

    private static OffsetCommitRequestData of(OffsetCommitRequestData request, List<OffsetCommitRequestTopic> topics) {
        return new OffsetCommitRequestData()
                .setGroupId(request.groupId())
                .setMemberId(request.memberId())
                .setGenerationIdOrMemberEpoch(request.generationIdOrMemberEpoch())
                .setRetentionTimeMs(request.retentionTimeMs())
                .setGroupInstanceId(request.groupInstanceId())
                .setTopics(topics);
    }

    private static void refuse(OffsetCommitResponse.Builder response, OffsetCommitRequestTopic topic, Errors error) {
        response.addPartitions(
                topic.topicId(), topic.name(), topic.partitions(), OffsetCommitRequestPartition::partitionIndex, error);
    }
}
