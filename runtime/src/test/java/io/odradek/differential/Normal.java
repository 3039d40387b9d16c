package io.odradek.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;

/**
 * Answers without what two brokers may rightly differ in: times, ids, addresses, the wording of messages, and the order
 * of things that have none.
 */
final class Normal {
    /** Fields that say nothing comparable. */
    private static final Set<String> IGNORED = Set.of(
            "throttleTimeMs",
            "errorMessage",
            "batchIndexErrorMessage",
            "clusterId",
            "host",
            "port",
            "documentation",
            "logDir",
            "totalBytes",
            "usableBytes",
            "finalizedFeaturesEpoch");

    /** Configs that are not compared: ours alone. */
    private static final Set<String> IGNORED_CONFIGS = Set.of("odradek.durability");

    /** Fields whose value is chosen by the broker; whether there is one is compared. */
    private static final Set<String> CHOSEN = Set.of("producerId", "sessionId");

    private static final Pattern GENERATED_MEMBER_ID = Pattern.compile(Wire.CLIENT_ID + "-[-0-9a-f]{36}");

    private static final long FIRST_TIMESTAMP = 1_600_000_000_000L;

    /** What the broker chose earlier, and the name that stands for it. */
    private final Map<String, String> remembered;

    private Normal(Map<String, String> remembered) {
        this.remembered = remembered;
    }

    static JsonNode of(JsonNode answer, Map<String, String> remembered) {
        return new Normal(remembered).of(answer);
    }

    private JsonNode of(JsonNode node) {
        if (node.isTextual() && remembered.containsKey(node.asText())) {
            return TextNode.valueOf(remembered.get(node.asText()));
        }
        if (node.isTextual() && GENERATED_MEMBER_ID.matcher(node.asText()).matches()) {
            return TextNode.valueOf("<member id>");
        }
        if (node.isObject()) {
            var object = JsonNodeFactory.instance.objectNode();
            node.properties().stream()
                    .filter(e -> !IGNORED.contains(e.getKey()))
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(e -> object.set(e.getKey(), field(e.getKey(), e.getValue())));
            return object;
        }
        if (node.isArray()) {
            return array((ArrayNode) node);
        }
        return node.isIntegralNumber() && node.asLong() > FIRST_TIMESTAMP && node.asLong() < 4 * FIRST_TIMESTAMP
                ? TextNode.valueOf("<time>")
                : canonical(node);
    }

    /** Int or long is the converter's business. */
    private static JsonNode canonical(JsonNode node) {
        return node instanceof NumericNode && node.isIntegralNumber()
                ? JsonNodeFactory.instance.numberNode(node.asLong())
                : node;
    }

    private JsonNode array(ArrayNode array) {
        var elements = new ArrayList<JsonNode>();
        array.forEach(element -> {
            boolean ignored = element.has("configSource")
                    && IGNORED_CONFIGS.contains(element.get("name").asText());
            if (!ignored) {
                elements.add(of(element));
            }
        });
        if (!elements.isEmpty() && elements.get(0).isObject()) {
            elements.sort(Comparator.comparing(JsonNode::toString));
        }
        return JsonNodeFactory.instance.arrayNode().addAll(elements);
    }

    private JsonNode field(String name, JsonNode value) {
        if (name.equals("topicId") && value.isTextual() && !remembered.containsKey(value.asText())) {
            return value.asText().equals(Uuid.ZERO_UUID.toString()) ? value : TextNode.valueOf("<topic id>");
        }
        if (CHOSEN.contains(name) && remembered.containsKey(value.asText())) {
            return TextNode.valueOf(remembered.get(value.asText()));
        }
        if (CHOSEN.contains(name) && value.isIntegralNumber() && value.asLong() >= (name.equals("sessionId") ? 1 : 0)) {
            return TextNode.valueOf("<" + name + ">");
        }
        if (name.equals("subscribedTopicNames") && value.isArray()) {
            var names = new ArrayList<JsonNode>();
            value.forEach(names::add);
            names.sort(Comparator.comparing(JsonNode::asText));
            return JsonNodeFactory.instance.arrayNode().addAll(names);
        }
        return of(value);
    }
}
