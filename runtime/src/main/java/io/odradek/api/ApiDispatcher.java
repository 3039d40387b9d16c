package io.odradek.api;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.jboss.logging.Logger;

/** The table from API key to handler, and the one place where a handler's failure becomes the protocol's error. */
public final class ApiDispatcher {
    private static final Logger LOG = Logger.getLogger(ApiDispatcher.class);

    private final Map<ApiKeys, ApiHandler<AbstractRequest>> handlers = new EnumMap<>(ApiKeys.class);

    @SuppressWarnings("unchecked")
    public ApiDispatcher(Collection<? extends ApiHandler<?>> handlers) {
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
        CompletionStage<Reply> outcome;
        try {
            outcome = handlers.get(request.apiKey()).handle(context, request);
        } catch (Throwable e) {
            outcome = CompletableFuture.failedStage(e);
        }
        return outcome.exceptionally(e -> failure(context, request, e));
    }

    private static Reply failure(RequestContext context, AbstractRequest request, Throwable thrown) {
        var cause = thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (!(cause instanceof ApiException)) {
            LOG.errorf(
                    cause,
                    "%s of client %s failed",
                    context.header(),
                    context.client().address());
        }
        var response = request.getErrorResponse(0, cause);
        return response == null
                ? new Reply.Disconnect("the request failed: " + cause.getMessage())
                : Reply.of(response);
    }
}
