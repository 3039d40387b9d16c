package io.odradek.api;

import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBrokerCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.apache.kafka.common.requests.MetadataResponse;

/** DescribeCluster, as an endpoint of type broker answers (KIP-919): asked as a controller it says that it is none. */
public final class DescribeClusterHandler implements ApiHandler<DescribeClusterRequest> {
    private static final byte ENDPOINT_OF_BROKERS = 1;
    private static final byte ENDPOINT_OF_CONTROLLERS = 2;

    private final MetadataStore metadata;
    private final AccessControl access;

    public DescribeClusterHandler(MetadataStore metadata, AccessControl access) {
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DESCRIBE_CLUSTER;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DescribeClusterRequest request) {
        byte endpoint = request.data().endpointType();
        if (endpoint != ENDPOINT_OF_BROKERS) {
            return CompletableFuture.completedStage(Reply.of(new DescribeClusterResponse(wrong(endpoint, request))));
        }
        return operations(context, request)
                .thenApply(operations -> Reply.of(new DescribeClusterResponse(
                        describe(context, request).setClusterAuthorizedOperations(operations))));
    }

    private static DescribeClusterResponseData wrong(byte endpoint, DescribeClusterRequest request) {
        boolean known = endpoint == ENDPOINT_OF_CONTROLLERS;
        var error = known ? Errors.MISMATCHED_ENDPOINT_TYPE : Errors.UNSUPPORTED_ENDPOINT_TYPE;
        return new DescribeClusterResponseData()
                .setErrorCode((request.version() == 0 ? Errors.INVALID_REQUEST : error).code())
                .setErrorMessage(
                        known
                                ? "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of"
                                        + " type CONTROLLER"
                                : "Unsupported endpoint type " + endpoint);
    }

    private CompletionStage<Integer> operations(RequestContext context, DescribeClusterRequest request) {
        return request.data().includeClusterAuthorizedOperations()
                ? ClusterOperations.of(access, context.client())
                : CompletableFuture.completedStage(MetadataResponse.AUTHORIZED_OPERATIONS_OMITTED);
    }

    private DescribeClusterResponseData describe(RequestContext context, DescribeClusterRequest request) {
        var image = metadata.image();
        var brokers = BrokerView.of(image, context);
        var described = new DescribeClusterBrokerCollection();
        brokers.registered()
                .filter(node -> !node.isFenced() || request.data().includeFencedBrokers())
                .forEach(node -> described.add(new DescribeClusterBroker()
                        .setBrokerId(node.id())
                        .setHost(node.host())
                        .setPort(node.port())
                        .setRack(node.rack())
                        .setIsFenced(node.isFenced())));
        return new DescribeClusterResponseData()
                .setClusterId(image.clusterId().orElse(""))
                .setControllerId(brokers.controllerId(metadata.quorum()))
                .setBrokers(described)
                .setEndpointType(ENDPOINT_OF_BROKERS);
    }
}
