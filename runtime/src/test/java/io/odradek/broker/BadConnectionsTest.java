package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.network.TestClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that do not do their part: idle ones, those that stop in the middle, and those that do not listen. */
class BadConnectionsTest {
    private static final int MIB = 1 << 20;
    private static final short FETCH_VERSION = 12;

    @TempDir
    private Path directory;

    private final List<TestClient> attackers = new ArrayList<>();
    private BesiegedBroker besieged;

    private void start(String... settings) throws IOException {
        besieged = BesiegedBroker.start(directory, settings);
    }

    private TestClient attacker() throws IOException {
        var attacker = besieged.connect();
        attackers.add(attacker);
        return attacker;
    }

    private void attackersLeave() throws IOException {
        for (var attacker : attackers) {
            attacker.close();
        }
        attackers.clear();
    }

    @AfterEach
    void nothingIsLost() throws IOException {
        attackersLeave();
        besieged.close();
    }

    @Test
    void idleConnectionsUpToTheLimit() throws IOException {
        int limit = 500;
        start("max.connections", "" + limit, "socket.listen.backlog.size", "1024");
        long before = BesiegedBroker.usedHeapBytes();
        for (int i = 1; i < limit; i++) {
            attacker();
        }
        attackers.get(limit - 2).ping();
        try (var oneMore = besieged.connect()) {
            oneMore.sendMetadata("x");
            oneMore.socket().setSoTimeout(200);
            assertThrows(SocketTimeoutException.class, oneMore::readFrame);
            besieged.othersAreServed();
            long growth = BesiegedBroker.usedHeapBytes() - before;
            assertTrue(growth < 16L * MIB, () -> growth + " bytes of heap");
            attackers.get(0).close();
            oneMore.socket().setSoTimeout(TestClient.TIMEOUT_MS);
            oneMore.readFrame();
        }
    }

    @Test
    void moreConnectionsThanAnAddressMayHave() throws IOException {
        start("max.connections.per.ip", "10");
        for (int i = 0; i < 9; i++) {
            attacker().ping();
        }
        for (int i = 0; i < 100; i++) {
            assertTrue(attacker().isClosedByServer());
        }
        besieged.othersAreServed();
        assertTrue(besieged.log.lines() < 60, () -> besieged.log.lines() + " lines");
    }

    @Test
    void idleConnectionsAreClosedAfterAWhile() throws IOException {
        start("connections.max.idle.ms", "1000");
        var idle = attacker();
        var unfinished = attacker();
        unfinished.write(ByteBuffer.allocate(100).putInt(1000));
        assertTrue(idle.isClosedByServer());
        assertTrue(unfinished.isClosedByServer());
        besieged.reconnect(); // the client that goes on working has been idle meanwhile, too
    }

    @Test
    void framesThatAreNeverCompleted() throws IOException {
        start();
        for (int i = 0; i < 100; i++) {
            attacker().write(ByteBuffer.allocate(1000).putInt(90 * MIB));
        }
        await().until(() -> besieged.broker().requestMemoryBytes() > 0);
        for (int i = 0; i < 20; i++) {
            besieged.othersAreServed();
        }
        assertTrue(besieged.broker().requestMemoryBytes() < 100L * 128 * 1024);
        attackersLeave();
        besieged.assertNothingIsHeld();
    }

    /** All memory for requests is taken by frames that do not get on: small requests do not stand in line behind them. */
    @Test
    void framesThatAreNeverCompletedAndTakeAllMemory() throws IOException {
        int memory = 4 * MIB;
        start("queued.max.request.bytes", "" + memory, "socket.request.max.bytes", "" + memory);
        for (int i = 0; i < 60; i++) {
            attacker().write(ByteBuffer.allocate(100_000).putInt(MIB));
        }
        await().until(() -> besieged.broker().requestMemoryBytes() > memory / 2);
        for (int i = 0; i < 20; i++) {
            besieged.othersAreServed();
        }
        assertTrue(besieged.broker().requestMemoryBytes() <= memory + MIB);
    }

    @Test
    void aClientThatNeverReadsItsResponses() throws IOException {
        start();
        besieged.createTopic("large", 1);
        try (var producer = besieged.connect()) {
            for (int i = 0; i < 20; i++) {
                var record = BesiegedBroker.records("x".repeat(900_000)).buffer();
                assertEquals(Errors.NONE, BesiegedBroker.produce(producer, "large", 0, record));
            }
        }
        long before = BesiegedBroker.usedHeapBytes();
        var sent = new AtomicLong();
        var request = TestClient.frame(header(), fetch("large", 0, 50 * MIB));
        try (var deaf = SocketChannel.open(new InetSocketAddress("127.0.0.1", besieged.port()))) {
            deaf.configureBlocking(false);
            var requests = ByteBuffer.allocate(request.length * 100);
            while (requests.hasRemaining()) {
                requests.put(request);
            }
            // Until the broker takes no more: then what it holds for this client is all that it ever will.
            await().pollInterval(Duration.ofMillis(1))
                    .during(Duration.ofMillis(300))
                    .until(() -> {
                        int written =
                                deaf.write(requests.position() == requests.limit() ? requests.rewind() : requests);
                        sent.addAndGet(written);
                        return written == 0;
                    });
            for (int i = 0; i < 20; i++) {
                besieged.othersAreServed();
            }
            long growth = BesiegedBroker.usedHeapBytes() - before;
            assertTrue(growth < 32L * MIB, () -> growth + " bytes of heap");
            assertTrue(besieged.broker().requestMemoryBytes() < 8L * MIB);
        }
        assertTrue(sent.get() < 64L * MIB, () -> sent + " bytes of requests were taken");
    }

    @Test
    void clientsThatResetTheConnectionInTheMiddleOfAResponse() throws IOException {
        start();
        besieged.createTopic("large", 1);
        try (var producer = besieged.connect()) {
            for (int i = 0; i < 5; i++) {
                var record = BesiegedBroker.records("x".repeat(900_000)).buffer();
                BesiegedBroker.produce(producer, "large", 0, record);
            }
        }
        for (int i = 0; i < 100; i++) {
            var client = attacker();
            client.write(TestClient.frame(header(), fetch("large", 0, 50 * MIB)));
            if (i % 2 == 0) {
                client.socket().getInputStream().readNBytes(1000);
            }
            client.socket().setSoLinger(true, 0);
            client.close();
        }
        besieged.assertUnharmed();
    }

    /** A fetch may wait as long as it likes; what it costs must be given back when nobody waits for it any more. */
    @Test
    void fetchesThatWaitForEverAndAreAbandoned() throws IOException {
        start();
        besieged.createTopic("empty", 1);
        var waiting = fetch("empty", Integer.MAX_VALUE, MIB);
        for (int i = 0; i < 2000; i++) {
            waiting.data().topics().get(0).partitions().add(new FetchPartition().setPartition(i + 1));
        }
        for (int i = 0; i < 50; i++) {
            attacker().write(TestClient.frame(header(), waiting));
        }
        await().until(() -> besieged.broker().requestMemoryBytes() > 0);
        besieged.othersAreServed();
        attackersLeave();
        besieged.assertNothingIsHeld();
    }

    private static RequestHeader header() {
        return new RequestHeader(ApiKeys.FETCH, FETCH_VERSION, "attacker", 1);
    }

    private static FetchRequest fetch(String topic, int maxWaitMs, int maxBytes) {
        var partitions = new ArrayList<FetchPartition>();
        partitions.add(new FetchPartition().setPartition(0).setPartitionMaxBytes(maxBytes));
        return new FetchRequest(
                new FetchRequestData()
                        .setSessionEpoch(-1)
                        .setMaxWaitMs(maxWaitMs)
                        .setMinBytes(1)
                        .setMaxBytes(maxBytes)
                        .setTopics(new ArrayList<>(
                                List.of(new FetchTopic().setTopic(topic).setPartitions(partitions)))),
                FETCH_VERSION);
    }
}
