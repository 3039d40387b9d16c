package io.odradek.network;

import io.odradek.network.RequestMetrics.Refusal;
import java.nio.ByteBuffer;
import java.util.Set;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.RequestHeader;

/** From a frame to a request, or to what the protocol has for one that cannot be understood. Stateless. */
final class RequestParser {
    /** What a frame turned out to be. */
    sealed interface Parsed {}

    record Request(RequestHeader header, AbstractRequest body) implements Parsed {}

    /** Answered without asking a handler. */
    record Answered(RequestHeader header, AbstractResponse response, short version) implements Parsed {}

    /** The connection cannot go on. */
    record Refused(Refusal reason, String why) implements Parsed {}

    private final Set<ApiKeys> served;

    RequestParser(Set<ApiKeys> served) {
        this.served = served;
    }

    /** Whether the request keeps views of its frame: record batches and the like. False where there is no telling. */
    static boolean keepsFrame(ByteBuffer frame) {
        return frame.remaining() >= Short.BYTES
                && ApiKeys.hasId(frame.getShort(frame.position()))
                && ApiKeys.forId(frame.getShort(frame.position())).requiresDelayedAllocation;
    }

    /**
     * Bytes behind the end of the request are ignored, as Kafka does.
     *
     * @param frame record buffers of the request will be views of it
     */
    Parsed parse(ByteBuffer frame) {
        RequestHeader header;
        try {
            header = RequestHeader.parse(frame);
        } catch (InvalidRequestException e) {
            return new Refused(Refusal.INVALID_REQUEST, e.getMessage());
        }
        var api = header.apiKey();
        var version = header.apiVersion();
        if (!served.contains(api)) {
            return new Refused(Refusal.UNSUPPORTED_VERSION, "a request for " + api + ", which is not served");
        }
        if (!api.isVersionSupported(version)) {
            // KIP-511: answered in version 0, so that the client learns what it may ask in.
            return api == ApiKeys.API_VERSIONS
                    ? unsupportedApiVersions(header)
                    : new Refused(Refusal.UNSUPPORTED_VERSION, "a request for " + api + " in version " + version);
        }
        if (!api.isVersionEnabled(version, false)) {
            return new Refused(Refusal.UNSUPPORTED_VERSION, "a request for " + api + " in unstable version " + version);
        }
        try {
            return new Request(header, AbstractRequest.parseRequest(api, version, new LimitedReadable(frame)).request);
        } catch (RuntimeException e) {
            return new Refused(
                    Refusal.INVALID_REQUEST,
                    "a request for " + api + " in version " + version + " that cannot be read: " + e);
        }
    }

    private static Answered unsupportedApiVersions(RequestHeader header) {
        var request = new ApiVersionsRequest(new ApiVersionsRequestData(), (short) 0, header.apiVersion());
        return new Answered(
                header, request.getErrorResponse(0, Errors.UNSUPPORTED_VERSION.exception()), request.version());
    }
}
