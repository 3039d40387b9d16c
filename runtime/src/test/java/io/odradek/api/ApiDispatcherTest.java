package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.odradek.security.Quotas;
import io.odradek.spi.QuotaEnforcer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.junit.jupiter.api.Test;

class ApiDispatcherTest {
    private static final short VERSION = 2;

    @Test
    void whatAHandlerThrowsOrFailsWithBecomesTheErrorOfTheProtocol() {
        var refused = new TopicAuthorizationException("no");

        for (Supplier<CompletionStage<Reply>> failing : List.<Supplier<CompletionStage<Reply>>>of(
                () -> {
                    throw refused;
                },
                () -> CompletableFuture.failedStage(refused),
                () -> CompletableFuture.<Reply>failedStage(refused).thenApply(reply -> reply))) {
            assertEquals(
                    Errors.TOPIC_AUTHORIZATION_FAILED.code(),
                    answer(failing, Quotas.unlimited()).errorCode());
        }
    }

    @Test
    void aFailureOfOurOwnIsAnUnknownServerError() {
        assertEquals(
                Errors.UNKNOWN_SERVER_ERROR.code(),
                answer(
                                () -> {
                                    throw new IllegalStateException("a bug, as this test wants it");
                                },
                                Quotas.unlimited())
                        .errorCode());
    }

    @Test
    void theTimeAHandlerTakesIsCountedAndTheClientHeldBack() {
        var clock = new AtomicLong(100);
        var recorded = new AtomicLong();
        QuotaEnforcer enforcer = new QuotaEnforcer() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public long record(Subject subject, Usage usage, long amount, long nowNanos) {
                recorded.set(usage == Usage.REQUEST_TIME_NANOS ? amount : -1);
                return 40;
            }
        };

        var answer = answer(
                () -> {
                    clock.addAndGet(7);
                    return CompletableFuture.completedStage(
                            Reply.of(new DescribeClusterResponse(new DescribeClusterResponseData())));
                },
                new Quotas(enforcer, clock::get));

        assertEquals(7, recorded.get());
        assertEquals(40, answer.throttleTimeMs());
    }

    @Test
    void twoHandlersForOneApiAreRefused() {
        var handler = handler(() -> CompletableFuture.completedStage(new Reply.Silent()));
        assertThrows(IllegalArgumentException.class, () -> new ApiDispatcher(List.of(handler, handler)));
    }

    private static DescribeClusterResponseData answer(Supplier<CompletionStage<Reply>> handle, Quotas quotas) {
        var request = new DescribeClusterRequest.Builder(new DescribeClusterRequestData()).build(VERSION);
        var reply = new ApiDispatcher(List.of(handler(handle)), quotas, InterBrokerListener.any())
                .dispatch(AdminFixture.context(ApiKeys.DESCRIBE_CLUSTER, VERSION), request)
                .toCompletableFuture()
                .join();
        return ((DescribeClusterResponse)
                        assertInstanceOf(Reply.Respond.class, reply).response())
                .data();
    }

    private static ApiHandler<DescribeClusterRequest> handler(Supplier<CompletionStage<Reply>> handle) {
        return new ApiHandler<>() {
            @Override
            public ApiKeys apiKey() {
                return ApiKeys.DESCRIBE_CLUSTER;
            }

            @Override
            public CompletionStage<Reply> handle(RequestContext context, DescribeClusterRequest request) {
                return handle.get();
            }
        };
    }
}
