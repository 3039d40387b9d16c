package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.odradek.api.ApiDispatcher;
import io.odradek.api.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.junit.jupiter.api.Test;

class RequestMetersTest {
    @Test
    void countsWhatPasses() throws IOException {
        var registry = new SimpleMeterRegistry();
        var meters = new RequestMeters(registry);
        var config = NetworkConfig.builder()
                .listener(ListenerConfig.plaintext("A", "127.0.0.1", 0))
                .build();
        var unknown = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> {
            var data = new MetadataResponseData();
            request.data().topics().forEach(topic -> data.topics()
                    .add(new MetadataResponseTopic()
                            .setName(topic.name())
                            .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())));
            return CompletableFuture.completedFuture(Reply.of(new MetadataResponse(data, request.version())));
        });
        try (var server = KafkaServer.start(
                config, new ApiDispatcher(List.of(unknown)), IdentityResolver.ofTransport(), meters)) {
            try (var client = new TestClient(server.port("A"))) {
                client.readMetadata(client.sendMetadata("a", "b"));
                client.readMetadata(client.sendMetadata("c"));
                assertEquals(
                        1,
                        registry.get("odradek.connections")
                                .tag("listener", "A")
                                .gauge()
                                .value());
                client.write(ByteBuffer.allocate(4).putInt(-1));
                assertTrue(client.isClosedByServer());
            }
            assertEquals(
                    2,
                    registry.get("odradek.requests")
                            .tag("api", "Metadata")
                            .timer()
                            .count());
            assertTrue(registry.get("odradek.request.bytes")
                            .tag("api", "Metadata")
                            .counter()
                            .count()
                    > 40);
            assertTrue(registry.get("odradek.response.bytes")
                            .tag("api", "Metadata")
                            .counter()
                            .count()
                    > 40);
            assertEquals(
                    3,
                    registry.get("odradek.request.errors")
                            .tags("api", "Metadata", "error", "UNKNOWN_TOPIC_OR_PARTITION")
                            .counter()
                            .count());
            assertEquals(
                    1,
                    registry.get("odradek.connections.refused")
                            .tags("listener", "A", "reason", "invalid_request")
                            .counter()
                            .count());
            assertEquals(1, registry.get("odradek.connections.opened").counter().count());
            assertEquals(0, server.requestMemoryBytes());
            await().until(() -> registry.get("odradek.connections").gauge().value() == 0);
        }
    }
}
