package io.odradek.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** What both brokers are asked, in order. */
final class Script {
    /** @param repeatable whether asking again does no harm: Apache Kafka applies some changes a moment after it answered */
    record Step(String name, boolean repeatable, Function<Peer, JsonNode> action) {}

    /** Builds a request for one version; what is not of that version must not be set. */
    @FunctionalInterface
    interface Versioned {
        ApiMessage request(Peer peer, short version);
    }

    private final List<Step> steps = new ArrayList<>();

    List<Step> steps() {
        return List.copyOf(steps);
    }

    /** A question that changes nothing. */
    void ask(String name, Function<Peer, JsonNode> action) {
        steps.add(new Step(name, true, action));
    }

    /** A change. */
    void change(String name, Function<Peer, JsonNode> action) {
        steps.add(new Step(name, false, action));
    }

    void ask(ApiKeys api, int version, String name, Function<Peer, ApiMessage> request) {
        ask(title(api, version, name), peer -> peer.call(api, version, request.apply(peer)));
    }

    void change(ApiKeys api, int version, String name, Function<Peer, ApiMessage> request) {
        change(title(api, version, name), peer -> peer.call(api, version, request.apply(peer)));
    }

    void askEachVersion(ApiKeys api, String name, Versioned request) {
        for (short version = api.oldestVersion(); version <= api.latestVersion(false); version++) {
            short v = version;
            ask(api, v, name, peer -> request.request(peer, v));
        }
    }

    void changeEachVersion(ApiKeys api, String name, Versioned request) {
        for (short version = api.oldestVersion(); version <= api.latestVersion(false); version++) {
            short v = version;
            change(api, v, name, peer -> request.request(peer, v));
        }
    }

    private static String title(ApiKeys api, int version, String name) {
        return api.name + " v" + version + ": " + name;
    }

    /** A call of a client library, whose value or exception class is the answer. */
    static JsonNode outcome(Call call) {
        try {
            return TextNode.valueOf(String.valueOf(call.get()));
        } catch (ExecutionException e) {
            return TextNode.valueOf(e.getCause().getClass().getSimpleName());
        } catch (Exception e) {
            return TextNode.valueOf(e.getClass().getSimpleName());
        }
    }

    @FunctionalInterface
    interface Call {
        Object get() throws Exception;
    }

    static JsonNode all(List<JsonNode> answers) {
        return JsonNodeFactory.instance.arrayNode().addAll(answers);
    }
}
