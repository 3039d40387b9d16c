package io.odradek.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * What the first version wrote, before there were ISR changes, reassignments and eligible leader replicas: its commands
 * still mean the same, to the digest, and its snapshots are read.
 *
 * <p>The file has random histories: for each the number of Raft entries, the entries, the digest and the snapshot that the
 * first version made of them.
 */
class OlderHistoryTest {
    @Test
    void commandsOfTheFirstVersionMeanWhatTheyMeant() throws IOException {
        int histories = 0;
        try (var in = new DataInputStream(new GZIPInputStream(
                OlderHistoryTest.class.getResourceAsStream("/io/odradek/metadata/histories-of-version-1.gz")))) {
            for (int entries = in.readInt(); entries > 0; entries = in.readInt()) {
                var image = MetadataImage.EMPTY;
                for (int i = 0; i < entries; i++) {
                    for (var command : CommandCodec.decode(in.readNBytes(in.readInt()))) {
                        image = MetadataMachine.apply(image, command).image();
                    }
                }
                assertEquals(in.readLong(), image.digest());
                var snapshot = in.readNBytes(in.readInt());
                assertEquals(SnapshotCodec.read(new ByteArrayInputStream(snapshot)), image);
                histories++;
            }
        }
        assertTrue(histories > 1);
    }
}
