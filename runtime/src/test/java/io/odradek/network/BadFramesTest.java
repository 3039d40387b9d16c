package io.odradek.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.network.RequestMetrics.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends, it costs its own connection at most. */
class BadFramesTest {
    private static final int MAX_BYTES = 100_000;

    private TestServer server;
    private TestClient client;

    @BeforeEach
    void start() throws IOException {
        server = TestServer.start(config -> config.requestMaxBytes(MAX_BYTES));
        client = server.connect();
    }

    @AfterEach
    void othersAreServedAndNothingIsLeft() throws IOException {
        client.close();
        try (var other = server.connect()) {
            other.ping();
        }
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {MAX_BYTES + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 0, 1, 3})
    void lengthThatCannotBe(int length) throws IOException {
        client.write(ByteBuffer.allocate(8).putInt(length));
        assertTrue(client.isClosedByServer());
        assertEquals(1, server.metrics.refused(Refusal.INVALID_REQUEST));
    }

    @Test
    void frameOfTheLargestSizeIsServed() throws IOException {
        var header = new RequestHeader(ApiKeys.METADATA, (short) 9, "test", 7);
        var empty = TestClient.frame(header, TestClient.metadata("")).length;
        // The length of a name this long takes two bytes more.
        var name = "x".repeat(30_000);
        var frame = TestClient.frame(header, TestClient.metadata(name));
        assertEquals(empty + 30_002, frame.length);
        var padded = Arrays.copyOf(frame, 4 + MAX_BYTES); // bytes behind a request are ignored
        client.write(ByteBuffer.wrap(padded).putInt(0, MAX_BYTES));
        assertEquals(List.of(name), client.readMetadata(header));
        client.ping();
    }

    @Test
    void tornFrameIsPutTogether() throws IOException {
        var header = new RequestHeader(ApiKeys.METADATA, (short) 9, "test", 7);
        client.socket().setTcpNoDelay(true);
        for (var b : TestClient.frame(header, TestClient.metadata("a", "b"))) {
            client.write(new byte[] {b});
        }
        assertEquals(List.of("a", "b"), client.readMetadata(header));
    }

    @Test
    void unknownApi() throws IOException {
        client.write(header((short) 9999, (short) 0));
        assertTrue(client.isClosedByServer());
        assertEquals(1, server.metrics.refused(Refusal.INVALID_REQUEST));
    }

    @ParameterizedTest
    @ValueSource(shorts = {-1, 14, Short.MAX_VALUE})
    void unknownVersion(short version) throws IOException {
        client.write(header(ApiKeys.METADATA.id, version));
        assertTrue(client.isClosedByServer());
        assertEquals(1, server.metrics.refused(Refusal.UNSUPPORTED_VERSION));
    }

    @Test
    void apiThatIsNotServed() throws IOException {
        client.write(header(ApiKeys.SASL_HANDSHAKE.id, (short) 1));
        assertTrue(client.isClosedByServer());
        assertEquals(1, server.metrics.refused(Refusal.UNSUPPORTED_VERSION));
    }

    @ParameterizedTest
    @ValueSource(shorts = {-1, 99, Short.MAX_VALUE})
    void unknownVersionOfApiVersionsIsAnsweredInVersionZero(short version) throws IOException {
        client.write(header(ApiKeys.API_VERSIONS.id, version));
        var response = (ApiVersionsResponse) assertInstanceOf(
                ApiVersionsResponse.class, client.read(new RequestHeader(ApiKeys.API_VERSIONS, (short) 0, "", 42)));
        assertEquals(Errors.UNSUPPORTED_VERSION.code(), response.data().errorCode());
        var itself = response.apiVersion(ApiKeys.API_VERSIONS.id);
        assertEquals(ApiKeys.API_VERSIONS.latestVersion(), itself.maxVersion());
        client.ping();
    }

    @Test
    void truncatedBody() throws IOException {
        var frame = TestClient.frame(
                new RequestHeader(ApiKeys.METADATA, (short) 9, "test", 7), TestClient.metadata("topic"));
        for (int cut = 4; cut < frame.length - 4; cut++) {
            try (var broken = server.connect()) {
                broken.write(ByteBuffer.wrap(Arrays.copyOf(frame, cut)).putInt(0, cut - 4));
                assertTrue(broken.isClosedByServer(), "cut at " + cut);
            }
        }
    }

    @Test
    void earlierRequestsAreAnsweredBeforeTheConnectionIsClosed() throws IOException {
        var header = new RequestHeader(ApiKeys.METADATA, (short) 9, "test", 7);
        var good = TestClient.frame(header, TestClient.metadata("good"));
        client.write(ByteBuffer.allocate(good.length + 4).put(good).putInt(-5));
        assertEquals(List.of("good"), client.readMetadata(header));
        assertTrue(client.isClosedByServer());
    }

    @Test
    void randomBytes() throws IOException {
        var seed = 20260101L;
        var random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            var bytes = new byte[random.nextInt(2000)];
            random.nextBytes(bytes);
            if (random.nextBoolean() && bytes.length > 12) {
                // So that more than the length is looked at.
                ByteBuffer.wrap(bytes)
                        .putInt(0, random.nextInt(bytes.length))
                        .putShort(4, (short) (random.nextBoolean() ? 3 : 18))
                        .putShort(6, (short) random.nextInt(13));
            }
            try (var garbage = server.connect()) {
                garbage.write(bytes);
            } catch (IOException e) {
                // Closed while we wrote: as it should be.
            }
        }
    }

    @Test
    void flippedBytes() throws IOException {
        var random = new Random(20260102L);
        var header = new RequestHeader(ApiKeys.METADATA, (short) 9, "test", 7);
        var frame = TestClient.frame(header, TestClient.metadata("one", "two", "three"));
        for (int round = 0; round < 300; round++) {
            var bytes = frame.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bytes[4 + random.nextInt(bytes.length - 4)] ^= (byte) (1 << random.nextInt(8));
            }
            try (var garbage = server.connect()) {
                garbage.write(bytes);
            }
        }
    }

    private static byte[] header(short api, short version) {
        var known = ApiKeys.hasId(api);
        var data = new RequestHeaderData()
                .setRequestApiKey(api)
                .setRequestApiVersion(version)
                .setClientId("test")
                .setCorrelationId(42);
        var headerVersion = known ? ApiKeys.forId(api).requestHeaderVersion(version) : 1;
        var bytes = MessageUtil.toByteBufferAccessor(data, headerVersion).buffer();
        return ByteBuffer.allocate(4 + bytes.remaining() + 10)
                .putInt(bytes.remaining() + 10)
                .put(bytes)
                .array();
    }
}
