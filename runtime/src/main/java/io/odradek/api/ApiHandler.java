package io.odradek.api;

import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;

/**
 * Decides one Kafka API. Decoding and encoding happen in the network layer.
 *
 * <p>Threading: {@link #handle} is called on the connection's event loop and must not block. It may complete on any
 * thread; the network layer returns to the connection's loop and keeps the order of responses. An exception, thrown or
 * as the stage's failure, becomes the request's own error response ({@link AbstractRequest#getErrorResponse}).
 *
 * <p>Memory: record buffers of a request are views of the network's buffers, valid until the stage completes. A handler
 * that needs their bytes for longer copies them. Records of a response that are {@link AutoCloseable} (a slice of a log)
 * belong to the network layer once the stage completed: it closes them when they are sent, or cannot be.
 *
 * @param <Q> the request class of {@link #apiKey()}
 */
public interface ApiHandler<Q extends AbstractRequest> {
    ApiKeys apiKey();

    CompletionStage<Reply> handle(RequestContext context, Q request);
}
