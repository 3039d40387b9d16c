package io.odradek.api;

import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Timer;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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

/**
 * DeleteRecords: moves log start offsets up, and answers with the low watermarks: where all live replicas begin. Waits until
 * those are as far as was asked for.
 */
public final class DeleteRecordsHandler implements ApiHandler<DeleteRecordsRequest> {
    private final PartitionRegistry partitions;
    private final AccessControl access;
    private final Timer timer;
    private final Executor blocking;

    public DeleteRecordsHandler(PartitionRegistry partitions, AccessControl access, Timer timer, Executor blocking) {
        this.partitions = partitions;
        this.access = access;
        this.timer = timer;
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
                .thenCompose(mayDelete -> BlockingWork.run(blocking, () -> delete(context, request, mayDelete)))
                .thenCompose(deleted -> settled(deleted.pending, request.data().timeoutMs())
                        .thenApply(done -> Reply.of(new DeleteRecordsResponse(deleted.response))));
    }

    private CompletionStage<Void> settled(List<PendingDeletion> pending, long timeoutMs) {
        return pending.isEmpty()
                ? CompletableFuture.completedStage(null)
                : WaitingChanges.await(pending, timer, timeoutMs);
    }

    private record Deleted(DeleteRecordsResponseData response, List<PendingDeletion> pending) {}

    private Deleted delete(RequestContext context, DeleteRecordsRequest request, Predicate<String> mayDelete) {
        var response = new DeleteRecordsResponseData();
        var pending = new ArrayList<PendingDeletion>();
        for (var topic : request.data().topics()) {
            var result = response.topics().find(topic.name());
            if (result == null) {
                result = new DeleteRecordsTopicResult().setName(topic.name());
                response.topics().add(result);
            }
            for (var partition : topic.partitions()) {
                var answer = new DeleteRecordsPartitionResult()
                        .setPartitionIndex(partition.partitionIndex())
                        .setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK);
                result.partitions().add(answer);
                if (mayDelete.test(topic.name())) {
                    delete(context, topic.name(), partition.offset(), answer).ifPresent(pending::add);
                } else {
                    answer.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
                }
            }
        }
        return new Deleted(response, pending);
    }

    /** Empty if the answer is final. */
    private Optional<PendingDeletion> delete(
            RequestContext context, String topic, long offset, DeleteRecordsPartitionResult answer) {
        try {
            var leader = partitions.leader(topic, answer.partitionIndex());
            if (Topic.isInternal(topic)) {
                answer.setErrorCode(Errors.INVALID_TOPIC_EXCEPTION.code());
                return Optional.empty();
            }
            var deletion = new PendingDeletion(leader, leader.deleteRecordsBefore(offset), answer);
            return deletion.settle() ? Optional.empty() : Optional.of(deletion);
        } catch (RuntimeException e) {
            answer.setErrorCode(PartitionFailure.error(context, topic, answer.partitionIndex(), e)
                    .code());
            return Optional.empty();
        }
    }
}
