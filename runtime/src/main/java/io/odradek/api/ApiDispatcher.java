package io.odradek.api;

import io.odradek.security.ClientText;
import io.odradek.security.Quotas;
import io.odradek.spi.QuotaEnforcer.Usage;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jboss.logging.Logger;

/** The table from API key to handler, and the one place where a handler's failure becomes the protocol's error. */
public final class ApiDispatcher {
    private static final Logger LOG = Logger.getLogger(ApiDispatcher.class);

    private final Map<ApiKeys, ApiHandler<AbstractRequest>> handlers = new EnumMap<>(ApiKeys.class);

    private final Quotas quotas;
    private final InterBrokerListener interBroker;

    public ApiDispatcher(Collection<? extends ApiHandler<?>> handlers) {
        this(handlers, Quotas.unlimited(), InterBrokerListener.any());
    }

    /**
     * @param quotas for the time that handlers take on event loops
     * @param interBroker where requests of other brokers are taken
     */
    @SuppressWarnings("unchecked")
    public ApiDispatcher(Collection<? extends ApiHandler<?>> handlers, Quotas quotas, InterBrokerListener interBroker) {
        this.quotas = quotas;
        this.interBroker = interBroker;
        for (var handler : handlers) {
            var previous = this.handlers.put(handler.apiKey(), (ApiHandler<AbstractRequest>) handler);
            if (previous != null) {
                throw new IllegalArgumentException("two handlers for " + handler.apiKey());
            }
        }
    }

    /** The APIs that are served; what is not among them is not in ApiVersions. */
    public Set<ApiKeys> served() {
        return handlers.keySet();
    }

    /** Hands the request to its handler. Never throws, and the stage never fails. Called on the connection's event loop. */
    public CompletionStage<Reply> dispatch(RequestContext context, AbstractRequest request) {
        if (!interBroker.allows(context, request)) {
            return CompletableFuture.completedStage(refusal(context, request));
        }
        long startedNanos = quotas.nanos();
        CompletionStage<Reply> outcome;
        try {
            outcome = handlers.get(request.apiKey()).handle(context, request);
        } catch (Throwable e) {
            outcome = CompletableFuture.failedStage(e);
        }
        var reply = outcome.exceptionally(e -> failure(context, request, e));
        int throttleMs = request.apiKey().clusterAction
                ? 0
                : quotas.record(
                        context.client(), context.clientId(), Usage.REQUEST_TIME_NANOS, quotas.nanos() - startedNanos);
        return throttleMs == 0 ? reply : reply.thenApply(r -> throttled(r, throttleMs));
    }

    private static Reply refusal(RequestContext context, AbstractRequest request) {
        var refusal = failure(context, request, Errors.CLUSTER_AUTHORIZATION_FAILED.exception());
        return refusal instanceof Reply.Respond respond
                ? new Reply.Respond(
                        respond.response(),
                        Optional.of(request.apiKey() + " as a broker asks, which is for the inter-broker listener"))
                : refusal;
    }

    private static Reply throttled(Reply reply, int throttleMs) {
        if (reply instanceof Reply.Respond respond) {
            var response = respond.response();
            response.maybeSetThrottleTimeMs(Math.max(throttleMs, response.throttleTimeMs()));
            return respond;
        }
        return reply instanceof Reply.Silent silent
                ? new Reply.Silent(Math.max(throttleMs, silent.throttleTimeMs()))
                : reply;
    }

    private static Reply failure(RequestContext context, AbstractRequest request, Throwable thrown) {
        var cause = Errors.maybeUnwrapException(thrown);
        if (!(cause instanceof ApiException)) {
            LOG.errorf(
                    cause,
                    "%s of client %s failed",
                    ClientText.oneLine(context.header()),
                    context.client().address());
        }
        AbstractResponse response;
        try {
            response = request.getErrorResponse(0, cause);
        } catch (RuntimeException e) {
            // A request so odd that not even its error can be said.
            response = null;
        }
        return response == null
                ? new Reply.Disconnect("the request failed: " + cause.getMessage())
                : Reply.of(response);
    }
}
