package io.odradek.api;

import io.odradek.log.LogDirectoryDescription;
import io.odradek.log.LogId;
import io.odradek.log.LogStore;
import io.odradek.security.AccessControl;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsResponse;

/** DescribeLogDirs: this broker's log directories, how full they are and what is in them. */
public final class DescribeLogDirsHandler implements ApiHandler<DescribeLogDirsRequest> {
    /** As in Kafka: how far a log is behind its high watermark, which it never is. */
    private static final long NO_LAG = 0;

    private final LogStore logs;
    private final AccessControl access;
    private final Supplier<? extends Collection<Path>> cordoned;
    private final Executor blocking;

    /** @param cordoned {@code cordoned.log.dirs} as it is now */
    public DescribeLogDirsHandler(
            LogStore logs, AccessControl access, Supplier<? extends Collection<Path>> cordoned, Executor blocking) {
        this.logs = logs;
        this.access = access;
        this.cordoned = cordoned;
        this.blocking = blocking;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DESCRIBE_LOG_DIRS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DescribeLogDirsRequest request) {
        return access.allowedOnCluster(context.client(), AclOperation.DESCRIBE)
                .thenCompose(allowed -> allowed
                        ? BlockingWork.run(blocking, () -> describe(wanted(request)))
                        : CompletableFuture.completedStage(
                                Reply.of(new DescribeLogDirsResponse(new DescribeLogDirsResponseData()
                                        .setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code())))));
    }

    private static Predicate<LogId> wanted(DescribeLogDirsRequest request) {
        if (request.isAllTopicPartitions()) {
            return id -> true;
        }
        var wanted = new HashSet<TopicPartition>();
        for (var topic : request.data().topics()) {
            for (int partition : topic.partitions()) {
                wanted.add(new TopicPartition(topic.topic(), partition));
            }
        }
        return id -> wanted.contains(new TopicPartition(id.topic(), id.partition()));
    }

    private Reply describe(Predicate<LogId> wanted) {
        var response = new DescribeLogDirsResponseData();
        var cordonedNow = new HashSet<Path>();
        cordoned.get().forEach(path -> cordonedNow.add(path.toAbsolutePath()));
        for (var directory : logs.describe()) {
            response.results().add(describe(directory, wanted, cordonedNow));
        }
        return Reply.of(new DescribeLogDirsResponse(response));
    }

    private static DescribeLogDirsResult describe(
            LogDirectoryDescription directory, Predicate<LogId> wanted, Collection<Path> cordoned) {
        var path = directory.path().toAbsolutePath();
        var result = new DescribeLogDirsResult().setLogDir(path.toString());
        return directory.online()
                ? result.setTopics(topics(directory, wanted))
                        .setTotalBytes(directory.totalBytes())
                        .setUsableBytes(directory.usableBytes())
                        .setIsCordoned(cordoned.contains(path))
                : result.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
    }

    private static List<DescribeLogDirsTopic> topics(LogDirectoryDescription directory, Predicate<LogId> wanted) {
        var topics = new TreeMap<String, DescribeLogDirsTopic>();
        directory.sizes().forEach((id, bytes) -> {
            if (wanted.test(id)) {
                add(topics, id).setPartitionSize(bytes).setOffsetLag(NO_LAG);
            }
        });
        directory.coming().forEach((id, copy) -> {
            if (wanted.test(id)) {
                add(topics, id)
                        .setPartitionSize(copy.sizeInBytes())
                        .setOffsetLag(copy.offsetLag())
                        .setIsFutureKey(true);
            }
        });
        return List.copyOf(topics.values());
    }

    private static DescribeLogDirsPartition add(Map<String, DescribeLogDirsTopic> topics, LogId id) {
        var partition = new DescribeLogDirsPartition().setPartitionIndex(id.partition());
        topics.computeIfAbsent(id.topic(), name -> new DescribeLogDirsTopic().setName(name))
                .partitions()
                .add(partition);
        return partition;
    }
}
