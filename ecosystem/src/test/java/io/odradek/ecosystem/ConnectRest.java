package io.odradek.ecosystem;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;

/** The REST API of a Kafka Connect worker. */
final class ConnectRest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int CONFLICT = 409;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;

    ConnectRest(String address) {
        this.address = address;
    }

    private record Answer(int status, String body) {}

    JsonNode get(String path) throws Exception {
        return call("GET", path, null);
    }

    JsonNode post(String path, Object body) throws Exception {
        return call("POST", path, body);
    }

    JsonNode put(String path, Object body) throws Exception {
        return call("PUT", path, body);
    }

    JsonNode patch(String path, Object body) throws Exception {
        return call("PATCH", path, body);
    }

    JsonNode delete(String path) throws Exception {
        return call("DELETE", path, null);
    }

    /** Asks again as long as the workers are about to share their work anew. */
    private JsonNode call(String method, String path, Object body) throws Exception {
        var answer = Awaitility.await(method + " " + path)
                .atMost(PATIENCE)
                .until(() -> once(method, path, body), a -> a.status != CONFLICT);
        if (answer.status >= 300) {
            throw new IOException(method + " " + path + " was answered with " + answer);
        }
        return answer.body.isEmpty() ? MissingNode.getInstance() : JSON.readTree(answer.body);
    }

    private Answer once(String method, String path, Object body) throws Exception {
        var publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(JSON.writeValueAsString(body));
        var request = HttpRequest.newBuilder(URI.create(address + path))
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .method(method, publisher)
                .build();
        var response = client.send(request, BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }

    /** Waits until the worker serves. */
    void awaitStart(JavaProcess worker) {
        Awaitility.await("the worker to serve").atMost(PATIENCE).until(() -> {
            worker.checkAlive();
            try {
                return get("/").has("kafka_cluster_id");
            } catch (IOException e) {
                return false;
            }
        });
    }

    void create(String name, Map<String, String> config) throws Exception {
        post("/connectors", Map.of("name", name, "config", config));
    }

    /** Waits until the connector and its one task are in a state. */
    void awaitState(String connector, String state) {
        Awaitility.await(connector + " to be " + state)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> states(connector).equals(List.of(state, state)));
    }

    /** Waits until connectors and tasks run, on just these workers. */
    void awaitRunning(Set<String> connectors, Set<String> workers) {
        Awaitility.await(connectors + " to run on " + workers)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> {
                    var found = new HashSet<String>();
                    for (var connector : connectors) {
                        var status = get("/connectors/" + connector + "/status");
                        if (!states(connector).equals(List.of("RUNNING", "RUNNING"))) {
                            return false;
                        }
                        found.add(status.at("/connector/worker_id").asText());
                        found.add(status.at("/tasks/0/worker_id").asText());
                    }
                    return found.equals(workers);
                });
    }

    /** The states of a connector and then of its tasks. */
    private List<String> states(String connector) throws Exception {
        var status = get("/connectors/" + connector + "/status");
        return Stream.concat(
                        Stream.of(status.at("/connector/state").asText()),
                        StreamSupport.stream(status.path("tasks").spliterator(), false)
                                .map(task -> task.path("state").asText()))
                .toList();
    }

    /** The worker that runs the connector's task. */
    String workerOf(String connector) throws Exception {
        return get("/connectors/" + connector + "/status")
                .at("/tasks/0/worker_id")
                .asText();
    }
}
