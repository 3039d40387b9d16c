package io.odradek.api;

import io.odradek.replication.PartitionRegistry;
import io.odradek.security.AccessControl;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirPartitionResult;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterReplicaLogDirsRequest;
import org.apache.kafka.common.requests.AlterReplicaLogDirsResponse;

/** AlterReplicaLogDirs: moves this broker's replicas between its log directories (KIP-113). */
public final class AlterReplicaLogDirsHandler implements ApiHandler<AlterReplicaLogDirsRequest> {
    private final PartitionRegistry partitions;
    private final AccessControl access;
    private final Executor blocking;

    public AlterReplicaLogDirsHandler(PartitionRegistry partitions, AccessControl access, Executor blocking) {
        this.partitions = partitions;
        this.access = access;
        this.blocking = blocking;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.ALTER_REPLICA_LOG_DIRS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, AlterReplicaLogDirsRequest request) {
        return access.allowedOnCluster(context.client(), AclOperation.ALTER)
                .thenCompose(allowed -> allowed
                        ? BlockingWork.run(blocking, () -> alter(context, request))
                        : CompletableFuture.completedStage(Reply.of(
                                request.getErrorResponse(0, Errors.CLUSTER_AUTHORIZATION_FAILED.exception()))));
    }

    /** Of a partition that is named twice, the last directory counts. */
    private Reply alter(RequestContext context, AlterReplicaLogDirsRequest request) {
        var topics = new TreeMap<String, AlterReplicaLogDirTopicResult>();
        request.partitionDirs().forEach((partition, directory) -> topics.computeIfAbsent(
                        partition.topic(), name -> new AlterReplicaLogDirTopicResult().setTopicName(name))
                .partitions()
                .add(new AlterReplicaLogDirPartitionResult()
                        .setPartitionIndex(partition.partition())
                        .setErrorCode(alter(context, partition, directory).code())));
        var response = new AlterReplicaLogDirsResponseData();
        response.results().addAll(topics.values());
        return Reply.of(new AlterReplicaLogDirsResponse(response));
    }

    private Errors alter(RequestContext context, TopicPartition partition, String directory) {
        try {
            partitions.alterLogDirectory(partition.topic(), partition.partition(), Path.of(directory));
            return Errors.NONE;
        } catch (InvalidPathException e) {
            return Errors.LOG_DIR_NOT_FOUND;
        } catch (RuntimeException e) {
            return PartitionFailure.error(context, partition.topic(), partition.partition(), e);
        }
    }
}
