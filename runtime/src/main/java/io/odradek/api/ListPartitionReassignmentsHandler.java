package io.odradek.api;

import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import io.odradek.security.AccessControl;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.ListPartitionReassignmentsResponse;

/** ListPartitionReassignments (KIP-455): which partitions are on their way to other brokers. */
public final class ListPartitionReassignmentsHandler implements ApiHandler<ListPartitionReassignmentsRequest> {
    private final MetadataStore metadata;
    private final AccessControl access;

    public ListPartitionReassignmentsHandler(MetadataStore metadata, AccessControl access) {
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.LIST_PARTITION_REASSIGNMENTS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ListPartitionReassignmentsRequest request) {
        return access.requireOnCluster(context.client(), AclOperation.DESCRIBE).thenApply(granted -> {
            var response = new ListPartitionReassignmentsResponseData();
            reassignments(request.data())
                    .filter(topic -> !topic.partitions().isEmpty())
                    .forEach(response.topics()::add);
            return Reply.of(new ListPartitionReassignmentsResponse(response));
        });
    }

    private Stream<OngoingTopicReassignment> reassignments(ListPartitionReassignmentsRequestData request) {
        var topics = metadata.image().topics();
        if (request.topics() == null) {
            return topics.reassigning().stream().map(topic -> reassignment(topic, topic.partitions().stream()));
        }
        return request.topics().stream()
                .map(asked -> topics.byName(asked.name())
                        .map(topic -> reassignment(
                                topic,
                                asked.partitionIndexes().stream()
                                        .flatMap(partition -> topic.partition(partition).stream())))
                        .orElse(null))
                .filter(Objects::nonNull);
    }

    private static OngoingTopicReassignment reassignment(TopicImage topic, Stream<PartitionImage> partitions) {
        return new OngoingTopicReassignment()
                .setName(topic.name())
                .setPartitions(partitions
                        .filter(PartitionImage::isReassigning)
                        .map(partition -> new OngoingPartitionReassignment()
                                .setPartitionIndex(partition.partition())
                                .setReplicas(partition.replicas())
                                .setAddingReplicas(partition.addingReplicas())
                                .setRemovingReplicas(partition.removingReplicas()))
                        .toList());
    }
}
