package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.group.GroupCoordinator;
import io.odradek.group.consumer.ConsumerGroups;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.apache.kafka.common.resource.ResourceType;

/** ConsumerGroupDescribe (KIP-848): consumer groups with their members, what these have and are to have. */
public final class ConsumerGroupDescribeHandler implements ApiHandler<ConsumerGroupDescribeRequest> {
    private final GroupCoordinator groups;
    private final ConsumerProtocol protocol;
    private final AccessControl access;

    public ConsumerGroupDescribeHandler(GroupCoordinator groups, ConsumerProtocol protocol, AccessControl access) {
        this.groups = groups;
        this.protocol = protocol;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.CONSUMER_GROUP_DESCRIBE;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ConsumerGroupDescribeRequest request) {
        if (!protocol.isServed()) {
            throw new UnsupportedVersionException(Errors.UNSUPPORTED_VERSION.message());
        }
        var ids = request.data().groupIds();
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.GROUP, ids)
                .thenCompose(allowed -> describe(ids, allowed))
                .thenCompose(described -> withOperations(context, request, described))
                .thenCompose(described -> withoutHidden(context, described))
                .thenApply(described -> Reply.of(new ConsumerGroupDescribeResponse(
                        new ConsumerGroupDescribeResponseData().setGroups(described))));
    }

    private CompletionStage<List<DescribedGroup>> describe(List<String> ids, Predicate<String> allowed) {
        var described = new ArrayList<DescribedGroup>();
        var stages = new ArrayList<CompletionStage<DescribedGroup>>();
        for (var id : ids) {
            if (!allowed.test(id)) {
                described.add(failed(id, Errors.GROUP_AUTHORIZATION_FAILED));
            } else if (id.isEmpty()) {
                described.add(failed(id, Errors.INVALID_GROUP_ID));
            } else {
                stages.add(describe(id));
            }
        }
        return Stages.all(stages).thenApply(found -> {
            described.addAll(found);
            return described;
        });
    }

    private CompletionStage<DescribedGroup> describe(String id) {
        return groups.read(id, shard -> {
                    try {
                        return shard.kind(ConsumerGroups.class).describe(id);
                    } catch (GroupIdNotFoundException e) {
                        return failed(id, Errors.GROUP_ID_NOT_FOUND).setErrorMessage(e.getMessage());
                    }
                })
                .exceptionally(e -> failed(id, Errors.forException(e)));
    }

    private static DescribedGroup failed(String id, Errors error) {
        return new DescribedGroup().setGroupId(id).setErrorCode(error.code());
    }

    private CompletionStage<List<DescribedGroup>> withOperations(
            RequestContext context, ConsumerGroupDescribeRequest request, List<DescribedGroup> described) {
        if (!request.data().includeAuthorizedOperations()) {
            return CompletableFuture.completedStage(described);
        }
        var found = described.stream()
                .filter(group -> group.errorCode() == Errors.NONE.code())
                .toList();
        return GroupPermissions.withOperations(
                        access, context, found, DescribedGroup::groupId, DescribedGroup::setAuthorizedOperations)
                .thenApply(ignored -> described);
    }

    /** A group with a topic that the client may not see is not shown at all. */
    private CompletionStage<List<DescribedGroup>> withoutHidden(
            RequestContext context, List<DescribedGroup> described) {
        if (access.allowsEverything()) {
            return CompletableFuture.completedStage(described);
        }
        var topics = described.stream()
                .flatMap(ConsumerGroupDescribeHandler::topics)
                .distinct()
                .toList();
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, topics)
                .thenApply(allowed -> described.stream()
                        .map(group -> topics(group).allMatch(allowed)
                                ? group
                                : failed(group.groupId(), Errors.TOPIC_AUTHORIZATION_FAILED)
                                        .setErrorMessage("The group has described topic(s) that the client is not"
                                                + " authorized to describe.")
                                        .setMembers(List.of()))
                        .toList());
    }

    private static Stream<String> topics(DescribedGroup group) {
        return group.members().stream()
                .flatMap(member -> Stream.of(member.assignment(), member.targetAssignment()))
                .flatMap(assignment -> assignment.topicPartitions().stream())
                .map(TopicPartitions::topicName);
    }
}
