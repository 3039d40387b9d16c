package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** librdkafka, through kcat. */
class KcatIT {
    @TempDir
    static Path home;

    private static BrokerProcess broker;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Commands.exists("kcat"), "kcat is not installed");
        broker = BrokerProcess.in(home).start();
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            broker.close();
        }
    }

    private static Commands.Outcome kcat(String input, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("kcat", "-b", broker.bootstrap()));
        command.addAll(List.of(arguments));
        return Commands.run(null, input, command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void recordsComeBackAsTheyWere(String codec) throws Exception {
        var lines = IntStream.range(0, 5_000)
                .mapToObj(i -> "record number " + i)
                .collect(Collectors.joining("\n", "", "\n"));
        var topic = "kcat-" + codec;
        kcat(lines, "-P", "-t", topic, "-z", codec, "-X", "acks=all", "-X", "enable.idempotence=true")
                .expectSuccess();
        assertEquals(
                lines,
                kcat("", "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "check.crcs=true")
                        .expectSuccess());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void everyKindOfAcknowledgement(String acks) throws Exception {
        var topic = "kcat-acks-" + acks;
        kcat("one\ntwo\n", "-P", "-t", topic, "-X", "acks=" + acks).expectSuccess();
        // acks=0 is answered by nobody: the records may arrive a moment later.
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertEquals(
                        "one\ntwo\n",
                        kcat("", "-C", "-t", topic, "-o", "beginning", "-e", "-q")
                                .expectSuccess()));
    }

    @Test
    void keysHeadersAndTombstones() throws Exception {
        kcat("k1=v1\nk2=\n", "-P", "-t", "kcat-keys", "-K", "=", "-Z", "-H", "h=x")
                .expectSuccess();
        var read = kcat("", "-C", "-t", "kcat-keys", "-o", "beginning", "-e", "-q", "-f", "%k/%S/%h\n")
                .expectSuccess();
        assertEquals("k1/2/h=x\nk2/-1/h=x\n", read);
    }

    @Test
    void metadataAndOffsetsByTimestamp() throws Exception {
        kcat("a\nb\n", "-P", "-t", "kcat-offsets").expectSuccess();
        assertTrue(kcat("", "-L", "-t", "kcat-offsets")
                .expectSuccess()
                .contains("topic \"kcat-offsets\" with 1 partitions"));
        assertTrue(kcat("", "-Q", "-t", "kcat-offsets:0:-1").expectSuccess().contains("offset 2"));
        assertTrue(kcat("", "-Q", "-t", "kcat-offsets:0:1").expectSuccess().contains("offset 0"));
    }
}
