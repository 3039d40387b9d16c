package io.odradek.api;

import io.odradek.replication.PartitionRegistry;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** ListOffsets: where a partition begins and ends, and where the records of a time are. */
public final class ListOffsetsHandler implements ApiHandler<ListOffsetsRequest> {
    private static final short FIRST_VERSION_WITH_LEADER_EPOCH = 4;
    private static final short FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE = 5;

    private final PartitionRegistry partitions;
    private final AccessControl access;
    private final Executor blocking;

    /** @param blocking where files are read, if the request needs that */
    public ListOffsetsHandler(PartitionRegistry partitions, AccessControl access, Executor blocking) {
        this.partitions = partitions;
        this.access = access;
        this.blocking = blocking;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.LIST_OFFSETS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ListOffsetsRequest request) {
        var names = request.topics().stream().map(ListOffsetsTopic::name).toList();
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, names)
                .thenCompose(mayDescribe -> readsFiles(request)
                        ? BlockingWork.run(blocking, () -> answer(context, request, mayDescribe))
                        : CompletableFuture.completedStage(answer(context, request, mayDescribe)));
    }

    private static boolean readsFiles(ListOffsetsRequest request) {
        for (var topic : request.topics()) {
            for (var partition : topic.partitions()) {
                if (OffsetLookup.readsFiles(partition.timestamp())) {
                    return true;
                }
            }
        }
        return false;
    }

    private Reply answer(RequestContext context, ListOffsetsRequest request, Predicate<String> mayDescribe) {
        var response = new ListOffsetsResponseData();
        for (var topic : request.topics()) {
            var answers = new ArrayList<ListOffsetsPartitionResponse>(
                    topic.partitions().size());
            var answered = new HashSet<Integer>();
            for (var partition : topic.partitions()) {
                if (!answered.add(partition.partitionIndex())) {
                    continue;
                }
                answers.add(
                        mayDescribe.test(topic.name())
                                ? answer(context, request, topic.name(), partition)
                                : failed(partition, Errors.TOPIC_AUTHORIZATION_FAILED));
            }
            response.topics()
                    .add(new ListOffsetsTopicResponse().setName(topic.name()).setPartitions(answers));
        }
        return Reply.of(new ListOffsetsResponse(response));
    }

    private ListOffsetsPartitionResponse answer(
            RequestContext context, ListOffsetsRequest request, String topic, ListOffsetsPartition partition) {
        if (request.duplicatePartitions().contains(new TopicPartition(topic, partition.partitionIndex()))) {
            return failed(partition, Errors.INVALID_REQUEST);
        }
        if (!OffsetLookup.isSupported(partition.timestamp(), request.version())) {
            return failed(partition, Errors.UNSUPPORTED_VERSION);
        }
        try {
            var leader = partitions.leader(topic, partition.partitionIndex(), partition.currentLeaderEpoch());
            var found = OffsetLookup.find(leader, partition.timestamp(), isolation(request));
            var answer = failed(partition, Errors.NONE)
                    .setTimestamp(found.timestamp())
                    .setOffset(found.offset());
            return request.version() >= FIRST_VERSION_WITH_LEADER_EPOCH
                    ? answer.setLeaderEpoch(found.leaderEpoch())
                    : answer;
        } catch (RuntimeException e) {
            var error = PartitionFailure.error(context, topic, partition.partitionIndex(), e);
            return failed(
                    partition,
                    error == Errors.OFFSET_NOT_AVAILABLE && request.version() < FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE
                            ? Errors.LEADER_NOT_AVAILABLE
                            : error);
        }
    }

    /** Followers and debugging tools see everything. */
    private static Optional<IsolationLevel> isolation(ListOffsetsRequest request) {
        return request.replicaId() == ListOffsetsRequest.CONSUMER_REPLICA_ID
                ? Optional.of(RequestedIsolation.of(request.data().isolationLevel()))
                : Optional.empty();
    }

    private static ListOffsetsPartitionResponse failed(ListOffsetsPartition partition, Errors error) {
        return new ListOffsetsPartitionResponse()
                .setPartitionIndex(partition.partitionIndex())
                .setErrorCode(error.code())
                .setTimestamp(ListOffsetsResponse.UNKNOWN_TIMESTAMP)
                .setOffset(ListOffsetsResponse.UNKNOWN_OFFSET);
    }
}
