package io.odradek.api;

import io.odradek.log.ActiveProducer;
import io.odradek.replication.PartitionRegistry;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.DescribeProducersResponse;
import org.apache.kafka.common.resource.ResourceType;

/** DescribeProducers: which idempotent and transactional producers a partition remembers (KIP-664). */
public final class DescribeProducersHandler implements ApiHandler<DescribeProducersRequest> {
    private final PartitionRegistry partitions;
    private final AccessControl access;

    public DescribeProducersHandler(PartitionRegistry partitions, AccessControl access) {
        this.partitions = partitions;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DESCRIBE_PRODUCERS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DescribeProducersRequest request) {
        var names = request.data().topics().stream().map(TopicRequest::name).toList();
        return access.allowed(context.client(), AclOperation.READ, ResourceType.TOPIC, names)
                .thenApply(mayRead -> {
                    var response = new DescribeProducersResponseData();
                    for (var topic : request.data().topics()) {
                        response.topics().add(describe(context, topic, mayRead));
                    }
                    return Reply.of(new DescribeProducersResponse(response));
                });
    }

    private TopicResponse describe(RequestContext context, TopicRequest topic, Predicate<String> mayRead) {
        var refusal = refusal(topic.name(), mayRead);
        var response = new TopicResponse().setName(topic.name());
        for (int partition : topic.partitionIndexes()) {
            response.partitions()
                    .add(
                            refusal.is(Errors.NONE)
                                    ? describe(context, topic.name(), partition)
                                    : new PartitionResponse()
                                            .setPartitionIndex(partition)
                                            .setErrorCode(refusal.error().code())
                                            .setErrorMessage(refusal.message()));
        }
        return response;
    }

    private ApiError refusal(String topic, Predicate<String> mayRead) {
        try {
            Topic.validate(topic);
        } catch (InvalidTopicException e) {
            return ApiError.fromThrowable(e);
        }
        if (!mayRead.test(topic)) {
            return new ApiError(Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        return partitions.image().topics().byName(topic).isPresent()
                ? ApiError.NONE
                : new ApiError(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    private PartitionResponse describe(RequestContext context, String topic, int partition) {
        var response = new PartitionResponse().setPartitionIndex(partition);
        try {
            var producers = new ArrayList<ProducerState>();
            for (var producer : partitions.leader(topic, partition).log().activeProducers()) {
                producers.add(state(producer));
            }
            return response.setActiveProducers(producers);
        } catch (RuntimeException e) {
            return response.setErrorCode(
                    PartitionFailure.error(context, topic, partition, e).code());
        }
    }

    private static ProducerState state(ActiveProducer producer) {
        return new ProducerState()
                .setProducerId(producer.producerId())
                .setProducerEpoch(producer.producerEpoch())
                .setLastSequence(producer.lastSequence())
                .setLastTimestamp(producer.lastTimestampMs())
                .setCoordinatorEpoch(producer.coordinatorEpoch())
                .setCurrentTxnStartOffset(producer.currentTxnStartOffset());
    }
}
