package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.network.TestClient;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random requests of every API and version that is served, whole and with bytes changed. Each is answered, or costs its
 * connection. A failing one is found again by its seed, which is in the message.
 */
class FuzzedRequestsTest {
    private static final int WHOLE_OF_EACH_VERSION = 12;
    private static final int MUTATED_OF_EACH_VERSION = 12;
    private static final int TRUNCATED_OF_EACH_VERSION = 4;
    /** How long a request may be held that, with bytes changed, may ask just for that. */
    private static final int PATIENCE_MS = 150;

    @RegisterExtension
    static final Siege SIEGE = Siege.ofTopic("fuzz", 2, "socket.request.max.bytes", "1000000");

    private TestClient client;

    @AfterEach
    void disconnect() throws IOException {
        if (client != null) {
            client.close();
        }
    }

    static Stream<ApiKeys> served() throws IOException {
        // Asked of a broker that is up: sources are called after @BeforeAll.
        try (var client = SIEGE.broker().connect()) {
            ApiVersionsResponseData answer = client.call(ApiKeys.API_VERSIONS, 0, new ApiVersionsRequestData());
            assertTrue(answer.apiKeys().size() > 20, answer::toString);
            return answer.apiKeys().stream().map(key -> ApiKeys.forId(key.apiKey())).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("served")
    void wholeRequests(ApiKeys api) throws IOException {
        forEachVersion(api, WHOLE_OF_EACH_VERSION, (header, requests, random) -> {
            send(requests.request(header));
            return answered(header);
        });
    }

    @ParameterizedTest
    @MethodSource("served")
    void mutatedRequests(ApiKeys api) throws IOException {
        forEachVersion(api, MUTATED_OF_EACH_VERSION, (header, requests, random) -> {
            var bytes = requests.request(header);
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                // Not the API key: another API has its own turn.
                int at = 2 + random.nextInt(bytes.limit() - 2);
                bytes.put(at, random.nextBoolean() ? (byte) random.nextInt() : (byte) (bytes.get(at) ^ 0x80));
            }
            send(bytes);
            return survived();
        });
    }

    @ParameterizedTest
    @MethodSource("served")
    void truncatedRequests(ApiKeys api) throws IOException {
        forEachVersion(api, TRUNCATED_OF_EACH_VERSION, (header, requests, random) -> {
            var bytes = requests.request(header);
            send(bytes.limit(random.nextInt(bytes.limit())).slice());
            return survived();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 0, 1, 7, 1_000_001, Integer.MAX_VALUE})
    void aFrameOfALengthThatCannotBe(int length) throws IOException {
        reconnect();
        client.write(ByteBuffer.allocate(64).putInt(length));
        assertTrue(client.isClosedByServer());
    }

    @Test
    void aFrameInPieces() throws IOException {
        reconnect();
        client.socket().setTcpNoDelay(true);
        var header = new RequestHeader(ApiKeys.METADATA, (short) 9, "test", 7);
        for (var b : TestClient.frame(header, TestClient.metadata("fuzz"))) {
            client.write(new byte[] {b});
        }
        assertEquals(List.of("fuzz"), client.readMetadata(header));
    }

    @ParameterizedTest
    @ValueSource(shorts = {-1, 93, 1000, Short.MAX_VALUE})
    void anApiThatIsNot(short key) throws IOException {
        reconnect();
        send(ByteBuffer.allocate(40).putShort(key).rewind());
        assertTrue(client.isClosedByServer());
    }

    @ParameterizedTest
    @MethodSource("served")
    void versionsThatAreNot(ApiKeys api) throws IOException {
        for (int version : new int[] {-1, api.latestVersion(true) + 1, Short.MAX_VALUE}) {
            reconnect();
            send(ByteBuffer.allocate(40)
                    .putShort(api.id)
                    .putShort((short) version)
                    .rewind());
            if (api == ApiKeys.API_VERSIONS) {
                // KIP-511: the client learns what it may ask in.
                var answer = client.readFrame();
                assertEquals(Errors.UNSUPPORTED_VERSION.code(), answer.getShort(Integer.BYTES));
            } else {
                assertTrue(client.isClosedByServer());
            }
        }
    }

    /** What Kafka has and this broker does not serve is not answered either. */
    @Test
    void apisThatAreNotServed() throws IOException {
        for (var api : EnumSet.complementOf(EnumSet.copyOf(served().toList()))) {
            reconnect();
            send(ByteBuffer.allocate(40).putShort(api.id).rewind());
            assertTrue(client.isClosedByServer(), api.name);
        }
    }

    @Test
    void randomFrames() throws IOException {
        var random = new Random(1);
        for (int i = 0; i < 200; i++) {
            var bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            reconnect();
            if (random.nextBoolean()) {
                send(ByteBuffer.wrap(bytes));
            } else {
                client.write(bytes); // the length is random, too
            }
            client.close();
        }
    }

    private interface Attempt {
        /** @return whether the connection can go on */
        boolean make(RequestHeader header, RandomRequests requests, Random random) throws IOException;
    }

    private void forEachVersion(ApiKeys api, int count, Attempt attempt) throws IOException {
        reconnect();
        for (short version = api.oldestVersion(); version <= api.latestVersion(); version++) {
            for (int i = 0; i < count; i++) {
                long seed = (api.id * 100L + version) * 1000 + i;
                var random = new Random(seed);
                var requests = new RandomRequests(random);
                try {
                    if (!attempt.make(requests.header(api, version), requests, random)) {
                        reconnect();
                    }
                    SIEGE.broker().log.assertNoStackTrace();
                } catch (IOException | AssertionError e) {
                    throw new AssertionError(api + " v" + version + " with seed " + seed + ": " + e.getMessage(), e);
                }
            }
        }
    }

    private void reconnect() throws IOException {
        if (client != null) {
            client.close();
        }
        client = SIEGE.broker().connect();
    }

    private void send(ByteBuffer request) throws IOException {
        try {
            client.write(TestClient.frame(request));
        } catch (SocketException e) {
            reconnect(); // closed because of the one before
            client.write(TestClient.frame(request));
        }
    }

    /** A whole request: answered in its version, or refused, but not left waiting. */
    private boolean answered(RequestHeader header) throws IOException {
        try {
            client.read(header);
            return true;
        } catch (EOFException | SocketException e) {
            return false;
        }
    }

    /** Answered in some way, or refused, or kept waiting because a changed byte asks for that. */
    private boolean survived() throws IOException {
        client.socket().setSoTimeout(PATIENCE_MS);
        try {
            client.readFrame();
            return true;
        } catch (EOFException | SocketException | SocketTimeoutException e) {
            return false;
        } finally {
            client.socket().setSoTimeout(TestClient.TIMEOUT_MS);
        }
    }

    @Test
    void aStormOfMistakesIsAFewLinesOfLog() throws IOException {
        int before = SIEGE.broker().log.lines();
        for (int i = 0; i < 300; i++) {
            reconnect();
            send(ByteBuffer.wrap(new byte[] {127, 127, 0, 0}));
            assertTrue(client.isClosedByServer());
        }
        int lines = SIEGE.broker().log.lines() - before;
        assertTrue(lines <= 60, () -> lines + " lines");
        assertEquals(
                List.of(),
                SIEGE.broker().log.messages().filter(m -> m.length() > 700).toList());
    }
}
