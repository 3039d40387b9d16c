package io.odradek.api;

import io.odradek.metadata.Command.AlterPartitionReassignment;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsResponse;

/** AlterPartitionReassignments (KIP-455): partitions move to other brokers, or stop doing so; each by itself. */
public final class AlterPartitionReassignmentsHandler implements ApiHandler<AlterPartitionReassignmentsRequest> {
    private final MetadataStore metadata;
    private final AccessControl access;

    public AlterPartitionReassignmentsHandler(MetadataStore metadata, AccessControl access) {
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.ALTER_PARTITION_REASSIGNMENTS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, AlterPartitionReassignmentsRequest request) {
        return access.requireOnCluster(context.client(), AclOperation.ALTER).thenCompose(granted -> {
            var data = request.data();
            return Outcome.<PartitionImage>proposeAll(metadata, commands(data), data.timeoutMs())
                    .thenApply(outcomes ->
                            Reply.of(new AlterPartitionReassignmentsResponse(response(data, outcomes.iterator()))));
        });
    }

    private static List<AlterPartitionReassignment> commands(AlterPartitionReassignmentsRequestData request) {
        var commands = new ArrayList<AlterPartitionReassignment>();
        for (var topic : request.topics()) {
            for (var partition : topic.partitions()) {
                commands.add(new AlterPartitionReassignment(
                        topic.name(),
                        partition.partitionIndex(),
                        Optional.ofNullable(partition.replicas()),
                        request.allowReplicationFactorChange()));
            }
        }
        return commands;
    }

    private static AlterPartitionReassignmentsResponseData response(
            AlterPartitionReassignmentsRequestData request, Iterator<Outcome<PartitionImage>> outcomes) {
        var response = new AlterPartitionReassignmentsResponseData()
                .setAllowReplicationFactorChange(request.allowReplicationFactorChange());
        for (var topic : request.topics()) {
            response.responses()
                    .add(new ReassignableTopicResponse()
                            .setName(topic.name())
                            .setPartitions(topic.partitions().stream()
                                    .map(partition -> result(partition, outcomes.next()))
                                    .toList()));
        }
        return response;
    }

    private static ReassignablePartitionResponse result(ReassignablePartition partition, Outcome<?> outcome) {
        return new ReassignablePartitionResponse()
                .setPartitionIndex(partition.partitionIndex())
                .setErrorCode(outcome.error().error().code())
                .setErrorMessage(outcome.error().message());
    }
}
