package io.odradek.api;

import io.odradek.metadata.Command.ElectLeader;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.ElectLeadersResponse;

/**
 * ElectLeaders (KIP-183, KIP-460): the preferred leaders, or whoever is there, of the partitions that are named; or of
 * all, and then nothing is said of those that have such a leader already.
 */
public final class ElectLeadersHandler implements ApiHandler<ElectLeadersRequest> {
    private final MetadataStore metadata;
    private final AccessControl access;

    public ElectLeadersHandler(MetadataStore metadata, AccessControl access) {
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.ELECT_LEADERS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ElectLeadersRequest request) {
        return access.requireOnCluster(context.client(), AclOperation.ALTER).thenCompose(granted -> {
            var named = request.data().topicPartitions();
            if (named != null && named.isEmpty()) {
                // As in Kafka, whatever the type.
                return CompletableFuture.completedStage(
                        Reply.of(new ElectLeadersResponse(new ElectLeadersResponseData())));
            }
            var elections = new Elections(electionType(request));
            if (named == null) {
                metadata.image().topics().all().forEach(elections::ofAll);
            } else {
                elections.ofNamed(metadata, request.data());
            }
            return elections
                    .hold(metadata, request.data().timeoutMs())
                    .thenApply(results -> Reply.of(new ElectLeadersResponse(
                            new ElectLeadersResponseData().setReplicaElectionResults(results))));
        });
    }

    private static ElectionType electionType(ElectLeadersRequest request) {
        try {
            return request.electionType();
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(
                    "Unknown election type " + request.data().electionType());
        }
    }

    /** The elections of one request, with the result of each: as long as it is not held, what is known already. */
    private static final class Elections {
        private final ElectionType type;
        private final List<ReplicaElectionResult> results = new ArrayList<>();
        private final List<ElectLeader> commands = new ArrayList<>();
        private final List<PartitionResult> undecided = new ArrayList<>();

        private Elections(ElectionType type) {
            this.type = type;
        }

        private void ofAll(TopicImage topic) {
            var result = resultOf(topic.name());
            for (var partition : topic.partitions()) {
                if (isNeeded(partition)) {
                    add(topic, partition.partition(), result);
                }
            }
        }

        private boolean isNeeded(PartitionImage partition) {
            return type == ElectionType.PREFERRED ? !partition.hasPreferredLeader() : !partition.hasLeader();
        }

        private void ofNamed(MetadataStore metadata, ElectLeadersRequestData request) {
            for (var named : request.topicPartitions()) {
                var result = resultOf(named.topic());
                var topic = metadata.image().topics().byName(named.topic());
                for (int partition : named.partitions()) {
                    topic.ifPresentOrElse(t -> add(t, partition, result), () -> result.partitionResult()
                            .add(new PartitionResult()
                                    .setPartitionId(partition)
                                    .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())
                                    .setErrorMessage("No such topic as " + named.topic())));
                }
            }
        }

        private ReplicaElectionResult resultOf(String topic) {
            var result = new ReplicaElectionResult().setTopic(topic);
            results.add(result);
            return result;
        }

        private void add(TopicImage topic, int partition, ReplicaElectionResult result) {
            var undecidedResult = new PartitionResult().setPartitionId(partition);
            result.partitionResult().add(undecidedResult);
            undecided.add(undecidedResult);
            commands.add(new ElectLeader(topic.id(), partition, type));
        }

        private CompletionStage<List<ReplicaElectionResult>> hold(MetadataStore metadata, int timeoutMs) {
            return Outcome.<PartitionImage>proposeAll(metadata, commands, timeoutMs)
                    .thenApply(outcomes -> {
                        for (int i = 0; i < outcomes.size(); i++) {
                            set(undecided.get(i), outcomes.get(i).error());
                        }
                        return results;
                    });
        }

        private static void set(PartitionResult result, ApiError error) {
            result.setErrorCode(error.error().code()).setErrorMessage(error.message());
        }
    }
}
