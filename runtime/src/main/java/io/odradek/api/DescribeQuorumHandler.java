package io.odradek.api;

import io.odradek.metadata.Endpoint;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.QuorumState;
import io.odradek.security.AccessControl;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Listener;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ListenerCollection;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Node;
import org.apache.kafka.common.message.DescribeQuorumResponseData.NodeCollection;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.apache.kafka.common.requests.DescribeQuorumResponse;

/** DescribeQuorum: the Raft group of the metadata in the guise of Kafka's {@code __cluster_metadata} partition 0. */
public final class DescribeQuorumHandler implements ApiHandler<DescribeQuorumRequest> {
    private static final TopicPartition METADATA_PARTITION =
            new TopicPartition(Topic.CLUSTER_METADATA_TOPIC_NAME, Topic.CLUSTER_METADATA_TOPIC_PARTITION.partition());
    private static final int FIRST_VERSION_WITH_NODES = 2;

    private final MetadataStore metadata;
    private final AccessControl access;

    public DescribeQuorumHandler(MetadataStore metadata, AccessControl access) {
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DESCRIBE_QUORUM;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DescribeQuorumRequest request) {
        return access.requireOnCluster(context.client(), AclOperation.DESCRIBE).thenCompose(granted -> {
            if (asksForMetadata(request.data())) {
                return metadata.quorumOfLeader().thenApply(quorum -> reply(describe(request, quorum)));
            }
            return CompletableFuture.completedFuture(reply(DescribeQuorumRequest.getPartitionLevelErrorResponse(
                    request.data(), Errors.UNKNOWN_TOPIC_OR_PARTITION)));
        });
    }

    private static Reply reply(DescribeQuorumResponseData data) {
        return Reply.of(new DescribeQuorumResponse(data));
    }

    private static boolean asksForMetadata(DescribeQuorumRequestData request) {
        return request.topics().size() == 1
                && request.topics().get(0).topicName().equals(METADATA_PARTITION.topic())
                && request.topics().get(0).partitions().size() == 1
                && request.topics().get(0).partitions().get(0).partitionIndex() == METADATA_PARTITION.partition();
    }

    private DescribeQuorumResponseData describe(DescribeQuorumRequest request, QuorumState quorum) {
        var partition = new PartitionData()
                .setLeaderId(quorum.leaderId())
                .setLeaderEpoch(quorum.leaderEpoch())
                .setHighWatermark(quorum.highWatermark())
                .setCurrentVoters(states(quorum.voters()))
                .setObservers(states(quorum.observers()));
        var nodes = request.version() < FIRST_VERSION_WITH_NODES ? null : nodes(quorum);
        return DescribeQuorumResponse.singletonResponse(METADATA_PARTITION, partition, nodes);
    }

    private static List<ReplicaState> states(List<QuorumState.Replica> replicas) {
        return replicas.stream()
                .map(replica -> new ReplicaState()
                        .setReplicaId(replica.nodeId())
                        .setReplicaDirectoryId(Uuid.ZERO_UUID)
                        .setLogEndOffset(replica.logEndOffset())
                        .setLastFetchTimestamp(replica.lastFetchTimestampMs())
                        .setLastCaughtUpTimestamp(replica.lastCaughtUpTimestampMs()))
                .toList();
    }

    /** The voters' own addresses as brokers: the Raft group's transport speaks no Kafka protocol. */
    private NodeCollection nodes(QuorumState quorum) {
        var nodes = new NodeCollection();
        for (var voter : quorum.voters()) {
            var endpoints = metadata.image().broker(voter.nodeId()).stream().flatMap(b -> b.endpoints().stream());
            nodes.add(new Node().setNodeId(voter.nodeId()).setListeners(listeners(endpoints)));
        }
        return nodes;
    }

    private static ListenerCollection listeners(Stream<Endpoint> endpoints) {
        var listeners = new ListenerCollection();
        endpoints.forEach(e -> listeners.add(
                new Listener().setName(e.listener()).setHost(e.host()).setPort(e.port())));
        return listeners;
    }
}
