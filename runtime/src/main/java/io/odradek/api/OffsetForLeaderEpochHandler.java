package io.odradek.api;

import io.odradek.replication.PartitionRegistry;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochResponse;
import org.apache.kafka.common.resource.ResourceType;

/** OffsetForLeaderEpoch: where a leader epoch ended, by which clients see that their log has branched off (KIP-320). */
public final class OffsetForLeaderEpochHandler implements ApiHandler<OffsetsForLeaderEpochRequest> {
    private final PartitionRegistry partitions;
    private final AccessControl access;

    public OffsetForLeaderEpochHandler(PartitionRegistry partitions, AccessControl access) {
        this.partitions = partitions;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.OFFSET_FOR_LEADER_EPOCH;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, OffsetsForLeaderEpochRequest request) {
        return access.allowedOnCluster(context.client(), AclOperation.CLUSTER_ACTION)
                .thenCompose(isBroker ->
                        isBroker ? CompletableFuture.completedStage(topic -> true) : mayDescribe(context, request))
                .thenApply(mayDescribe -> answer(context, request, mayDescribe));
    }

    private CompletionStage<Predicate<String>> mayDescribe(
            RequestContext context, OffsetsForLeaderEpochRequest request) {
        var names = request.data().topics().stream()
                .map(OffsetForLeaderTopic::topic)
                .toList();
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, names);
    }

    private Reply answer(RequestContext context, OffsetsForLeaderEpochRequest request, Predicate<String> mayDescribe) {
        var response = new OffsetForLeaderEpochResponseData();
        for (var topic : request.data().topics()) {
            var result = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            boolean allowed = mayDescribe.test(topic.topic());
            for (var partition : topic.partitions()) {
                result.partitions()
                        .add(
                                allowed
                                        ? end(context, topic.topic(), partition)
                                        : new EpochEndOffset()
                                                .setPartition(partition.partition())
                                                .setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code()));
            }
            response.topics().add(result);
        }
        return Reply.of(new OffsetsForLeaderEpochResponse(response));
    }

    private EpochEndOffset end(RequestContext context, String topic, OffsetForLeaderPartition partition) {
        var answer = new EpochEndOffset().setPartition(partition.partition());
        try {
            var end = partitions
                    .leader(topic, partition.partition(), partition.currentLeaderEpoch())
                    .endOffsetForEpoch(partition.leaderEpoch());
            return answer.setLeaderEpoch(end.leaderEpoch()).setEndOffset(end.endOffset());
        } catch (RuntimeException e) {
            return answer.setErrorCode(PartitionFailure.error(context, topic, partition.partition(), e)
                    .code());
        }
    }
}
