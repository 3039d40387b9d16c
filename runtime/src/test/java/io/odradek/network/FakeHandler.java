package io.odradek.network;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;

/** A handler made of a function. */
record FakeHandler<Q extends AbstractRequest>(
        ApiKeys apiKey, BiFunction<RequestContext, Q, CompletionStage<Reply>> decision) implements ApiHandler<Q> {
    @Override
    public CompletionStage<Reply> handle(RequestContext context, Q request) {
        return decision.apply(context, request);
    }

    static FakeHandler<ApiVersionsRequest> apiVersions() {
        return new FakeHandler<>(
                ApiKeys.API_VERSIONS,
                (context, request) -> CompletableFuture.completedFuture(
                        Reply.of(new ApiVersionsResponse(new ApiVersionsResponseData()))));
    }

    /** Answers with the names asked for, and with the principal as the cluster id. */
    static FakeHandler<MetadataRequest> metadata() {
        return new FakeHandler<>(
                ApiKeys.METADATA,
                (context, request) -> CompletableFuture.completedFuture(Reply.of(echo(context, request))));
    }

    static MetadataResponse echo(RequestContext context, MetadataRequest request) {
        var data = new MetadataResponseData()
                .setClusterId(context.client().principal().toString());
        // Null asks for all topics, of which there are none.
        for (var topic : Objects.requireNonNullElse(request.data().topics(), List.<MetadataRequestTopic>of())) {
            data.topics().add(new MetadataResponseTopic().setName(topic.name()).setTopicId(topic.topicId()));
        }
        return new MetadataResponse(data, request.version());
    }
}
