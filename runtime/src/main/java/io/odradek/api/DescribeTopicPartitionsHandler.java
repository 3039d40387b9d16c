package io.odradek.api;

import io.odradek.config.BrokerConfig;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.resource.ResourceType;

/** DescribeTopicPartitions (KIP-966): topics in the order of their names, page by page. */
public final class DescribeTopicPartitionsHandler implements ApiHandler<DescribeTopicPartitionsRequest> {
    private final MetadataStore metadata;
    private final BrokerConfig config;
    private final AccessControl access;

    public DescribeTopicPartitionsHandler(MetadataStore metadata, BrokerConfig config, AccessControl access) {
        this.metadata = metadata;
        this.config = config;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DescribeTopicPartitionsRequest request) {
        var image = metadata.image();
        var names = names(image, request.data());
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, names)
                .thenCompose(describable -> {
                    var response = new Page(BrokerView.of(image, context), request.data(), limit(request.data()))
                            .fill(names, describable);
                    return operations(context, response).thenApply(done -> {
                        if (!request.data().topics().isEmpty()) {
                            names.stream().filter(describable.negate()).forEach(name -> response.topics()
                                    .add(error(Errors.TOPIC_AUTHORIZATION_FAILED, name)
                                            .setIsInternal(false)));
                        }
                        return Reply.of(new DescribeTopicPartitionsResponse(response));
                    });
                });
    }

    /** From the cursor on. */
    private static SortedSet<String> names(MetadataImage image, DescribeTopicPartitionsRequestData request) {
        var cursor = request.cursor();
        var first = cursor == null ? "" : cursor.topicName();
        if (cursor != null && cursor.partitionIndex() < 0) {
            throw new InvalidRequestException(
                    "DescribeTopicPartitionsRequest cursor partition must be valid: " + cursor);
        }
        if (request.topics().isEmpty()) {
            return image.topics().from(first).stream()
                    .map(TopicImage::name)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        var names = request.topics().stream()
                .map(TopicRequest::name)
                .filter(name -> name.compareTo(first) >= 0)
                .collect(Collectors.toCollection(TreeSet::new));
        if (cursor != null && !names.contains(first)) {
            throw new InvalidRequestException(
                    "DescribeTopicPartitionsRequest topic list should contain the cursor topic: " + first);
        }
        return names;
    }

    private int limit(DescribeTopicPartitionsRequestData request) {
        return Math.max(1, Math.min(config.limits().maxRequestPartitionSizeLimit(), request.responsePartitionLimit()));
    }

    private CompletionStage<Void> operations(RequestContext context, DescribeTopicPartitionsResponseData response) {
        var names = response.topics().stream()
                .map(DescribeTopicPartitionsResponseTopic::name)
                .toList();
        return access.authorizedOperations(context.client(), ResourceType.TOPIC, names)
                .thenAccept(operations -> response.topics()
                        .forEach(topic -> topic.setTopicAuthorizedOperations(operations.applyAsInt(topic.name()))));
    }

    /** Collects topics until the limit of partitions is reached. */
    private static final class Page {
        private final BrokerView brokers;
        private final DescribeTopicPartitionsRequestData request;
        private final DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        private int remaining;

        private Page(BrokerView brokers, DescribeTopicPartitionsRequestData request, int limit) {
            this.brokers = brokers;
            this.request = request;
            this.remaining = limit;
        }

        private DescribeTopicPartitionsResponseData fill(SortedSet<String> names, Predicate<String> describable) {
            for (var name : names) {
                if (response.nextCursor() != null) {
                    break;
                }
                if (!describable.test(name)) {
                    continue;
                }
                if (remaining == 0) {
                    response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(0));
                } else {
                    brokers.image().topics().byName(name).ifPresentOrElse(this::add, () -> addMissing(name));
                }
            }
            return response;
        }

        private void add(TopicImage topic) {
            int first = firstPartition(topic.name());
            int end = Math.min(topic.partitions().size(), first + remaining);
            var partitions = new ArrayList<DescribeTopicPartitionsResponsePartition>(Math.max(0, end - first));
            for (int i = first; i < end; i++) {
                partitions.add(describe(topic.partitions().get(i)));
            }
            response.topics()
                    .add(new DescribeTopicPartitionsResponseTopic()
                            .setName(topic.name())
                            .setTopicId(topic.id())
                            .setIsInternal(topic.internal())
                            .setPartitions(partitions));
            remaining -= partitions.size();
            if (end < topic.partitions().size()) {
                response.setNextCursor(new Cursor().setTopicName(topic.name()).setPartitionIndex(end));
            }
        }

        private void addMissing(String name) {
            if (!request.topics().isEmpty()) {
                response.topics().add(error(TopicMetadata.missingError(name), name));
            }
        }

        private int firstPartition(String topic) {
            var cursor = request.cursor();
            return cursor != null && cursor.topicName().equals(topic) ? cursor.partitionIndex() : 0;
        }

        private DescribeTopicPartitionsResponsePartition describe(PartitionImage partition) {
            return new DescribeTopicPartitionsResponsePartition()
                    .setPartitionIndex(partition.partition())
                    .setLeaderId(
                            brokers.hasListener(partition.leader())
                                    ? partition.leader()
                                    : MetadataResponse.NO_LEADER_ID)
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setReplicaNodes(partition.replicas())
                    .setIsrNodes(partition.isr())
                    .setOfflineReplicas(brokers.offlineReplicas(partition))
                    .setEligibleLeaderReplicas(partition.elr())
                    .setLastKnownElr(partition.lastKnownElr());
        }
    }

    private static DescribeTopicPartitionsResponseTopic error(Errors error, String name) {
        return new DescribeTopicPartitionsResponseTopic()
                .setErrorCode(error.code())
                .setName(name)
                .setIsInternal(Topic.isInternal(name))
                .setPartitions(List.of());
    }
}
