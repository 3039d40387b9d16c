package io.odradek.api;

import io.odradek.replication.PartitionRegistry;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** DeleteRecords: moves log start offsets up. */
public final class DeleteRecordsHandler implements ApiHandler<DeleteRecordsRequest> {
    private final PartitionRegistry partitions;
    private final AccessControl access;
    private final Executor blocking;

    public DeleteRecordsHandler(PartitionRegistry partitions, AccessControl access, Executor blocking) {
        this.partitions = partitions;
        this.access = access;
        this.blocking = blocking;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DELETE_RECORDS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DeleteRecordsRequest request) {
        var names =
                request.data().topics().stream().map(DeleteRecordsTopic::name).toList();
        return access.allowed(context.client(), AclOperation.DELETE, ResourceType.TOPIC, names)
                .thenCompose(mayDelete -> BlockingWork.run(blocking, () -> answer(context, request, mayDelete)));
    }

    private Reply answer(RequestContext context, DeleteRecordsRequest request, Predicate<String> mayDelete) {
        var response = new DeleteRecordsResponseData();
        for (var topic : request.data().topics()) {
            var result = response.topics().find(topic.name());
            if (result == null) {
                result = new DeleteRecordsTopicResult().setName(topic.name());
                response.topics().add(result);
            }
            for (var partition : topic.partitions()) {
                result.partitions()
                        .add(delete(
                                context,
                                topic.name(),
                                partition.partitionIndex(),
                                partition.offset(),
                                mayDelete.test(topic.name())));
            }
        }
        return Reply.of(new DeleteRecordsResponse(response));
    }

    private DeleteRecordsPartitionResult delete(
            RequestContext context, String topic, int partition, long offset, boolean allowed) {
        var result = new DeleteRecordsPartitionResult()
                .setPartitionIndex(partition)
                .setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK);
        if (!allowed) {
            return result.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        }
        try {
            var leader = partitions.leader(topic, partition);
            if (Topic.isInternal(topic)) {
                return result.setErrorCode(Errors.INVALID_TOPIC_EXCEPTION.code());
            }
            return result.setLowWatermark(leader.deleteRecordsBefore(offset));
        } catch (RuntimeException e) {
            return result.setErrorCode(
                    PartitionFailure.error(context, topic, partition, e).code());
        }
    }
}
