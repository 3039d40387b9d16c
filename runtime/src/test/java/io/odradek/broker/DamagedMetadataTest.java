package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.BrokerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker whose metadata log or snapshot is not as it was written does not start, and says in one line why and what to do. */
class DamagedMetadataTest {
    private static final int TOPICS = 40;
    private static final String SNAPSHOT = "snapshot";

    @TempDir
    static Path directory;

    private static Map<String, byte[]> files = Map.of();

    private static BrokerConfig config() {
        return BrokerConfig.of(Map.of(
                "node.id", "1",
                "log.dirs", directory.toString(),
                "listeners", "PLAINTEXT://127.0.0.1:0",
                "metadata.log.max.record.bytes.between.snapshots", "3000"));
    }

    private static Path metadata() {
        return directory.resolve("metadata");
    }

    private static Admin admin(Broker broker) {
        return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("PLAINTEXT")));
    }

    private static String segment() {
        return files.keySet().stream()
                .filter(name -> name.endsWith(".log"))
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    private static Map<String, byte[]> read() throws IOException {
        var found = new TreeMap<String, byte[]>();
        try (var list = Files.list(metadata())) {
            for (var each : list.filter(each -> !each.endsWith(".lock")).toList()) {
                found.put(each.getFileName().toString(), Files.readAllBytes(each));
            }
        }
        return found;
    }

    /** A snapshot, and behind it a segment with changes. */
    @BeforeAll
    static void fill() throws Exception {
        for (int i = 0; files.isEmpty() || !files.containsKey(SNAPSHOT) || files.get(segment()).length < 1500; ) {
            try (var broker = Broker.start(config());
                    var admin = admin(broker)) {
                for (int more = i + TOPICS; i < more; i++) {
                    admin.createTopics(List.of(new NewTopic("t" + i, Optional.of(1), Optional.empty())))
                            .all()
                            .get();
                }
            }
            files = read();
        }
        assertTrue(files.keySet().stream().noneMatch("00000000000000000001.log"::equals), files.keySet() + "");
    }

    @AfterEach
    void restore() throws IOException {
        try (var list = Files.list(metadata())) {
            for (var each : list.toList()) {
                Files.delete(each);
            }
        }
        for (var each : files.entrySet()) {
            Files.write(metadata().resolve(each.getKey()), each.getValue());
        }
    }

    private static void damage(String name, UnaryOperator<byte[]> how) throws IOException {
        Files.write(metadata().resolve(name), how.apply(files.get(name).clone()));
    }

    private static UnaryOperator<byte[]> flippedAt(double part) {
        return content -> {
            content[(int) (part * (content.length - 1))] ^= 0x10;
            return content;
        };
    }

    private static UnaryOperator<byte[]> cutTo(double part) {
        return content -> Arrays.copyOf(content, (int) (part * content.length));
    }

    /** As a newer version would write it, checksum included. */
    private static byte[] ofFormat99(byte[] content) {
        var file = ByteBuffer.wrap(content).putInt(8, 99);
        int header = 24 + file.getInt(12) + 7 & ~7;
        var crc = new CRC32C();
        crc.update(content, 0, 16);
        crc.update(content, 20, header - 20);
        file.putInt(16, (int) crc.getValue());
        return content;
    }

    private static String refusal() {
        var refused = assertThrows(BrokerStartException.class, () -> Broker.start(config()));
        assertEquals(1, refused.getMessage().lines().count(), refused.getMessage());
        return refused.getMessage();
    }

    private static void assertRefused(String name, String reason) {
        var refusal = refusal();
        assertTrue(
                refusal.startsWith(
                        "the broker cannot start: Raft log " + metadata().resolve(name) + " is " + reason),
                refusal);
        assertTrue(
                refusal.contains(
                        ": not starting. If a majority of the other voters is up, delete everything in " + metadata()),
                refusal);
    }

    @Test
    void aFlippedBitInTheSnapshot() throws IOException {
        for (double part : List.of(0.0, 0.01, 0.3, 0.5, 0.99, 1.0)) {
            damage(SNAPSHOT, flippedAt(part));
            assertRefused(SNAPSHOT, "damaged at position ");
        }
    }

    @Test
    void aSnapshotThatWasCut() throws IOException {
        for (double part : List.of(0.0, 0.01, 0.5, 0.99)) {
            damage(SNAPSHOT, cutTo(part));
            assertRefused(SNAPSHOT, "damaged at position ");
        }
    }

    @Test
    void aSnapshotThatIsMissing() throws IOException {
        Files.delete(metadata().resolve(SNAPSHOT));
        assertRefused(SNAPSHOT, "missing: the log begins with ");
    }

    @Test
    void aSegmentThatIsMissing() throws IOException {
        Files.delete(metadata().resolve(segment()));
        assertRefused(segment(), "missing");
    }

    /** Term and vote are in the header of a segment, and in records. */
    @Test
    void aFlippedBitInTheLog() throws IOException {
        for (double part : List.of(0.0, 0.03, 0.3, 0.5, 0.7, 1.0)) {
            damage(segment(), flippedAt(part));
            assertRefused(segment(), "damaged at position ");
        }
    }

    @Test
    void aNewerFormat() throws IOException {
        for (var name : List.of(SNAPSHOT, segment())) {
            damage(name, DamagedMetadataTest::ofFormat99);
            assertEquals(
                    "the broker cannot start: Raft log " + metadata().resolve(name)
                            + " has format 99, this version reads up to 1: written by a newer version",
                    refusal());
            damage(name, content -> content);
        }
    }

    /** That is what a crash leaves, of a write that nobody was told of. */
    @Test
    void theLastWriteNotCompletedIsNoDamage() throws Exception {
        damage(segment(), content -> Arrays.copyOf(content, content.length - 5));
        try (var broker = Broker.start(config());
                var admin = admin(broker)) {
            assertTrue(admin.listTopics().names().get().size() >= TOPICS);
        }
    }
}
