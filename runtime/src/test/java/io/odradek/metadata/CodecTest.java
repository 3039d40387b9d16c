package io.odradek.metadata;

import static io.odradek.metadata.ImageUnderTest.topic;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import io.odradek.metadata.proto.MetadataProto;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.Uuid;

class CodecTest {
    private static final UnknownFieldSet FIELD_OF_A_NEWER_VERSION = UnknownFieldSet.newBuilder()
            .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();

    @Property(tries = 300)
    void commandsComeBackEqual(@ForAll long seed) {
        var random = new RandomCommands(seed);
        var commands = new ArrayList<Command<?>>();
        for (int i = 0; i < 20; i++) {
            commands.add(random.next());
        }

        assertEquals(commands, CommandCodec.decode(CommandCodec.encode(commands)));
    }

    @Example
    void equalCommandsAreEqualBytes() {
        var configs = new TreeMap<String, String>();
        for (int i = 0; i < 50; i++) {
            configs.put("config" + i, "v");
        }
        var id = new Uuid(1, 2);
        var one = new Command.CreateTopic(id, "t", 1, (short) 1, Map.of(), configs);
        var other = new Command.CreateTopic(id, "t", 1, (short) 1, Map.of(), configs.descendingMap());

        assertArrayEquals(CommandCodec.encode(List.of(one)), CommandCodec.encode(List.of(other)));
    }

    @Example
    void aPieceOfAnArrayIsDecoded() {
        List<Command<?>> commands = List.of(topic("t", 1, 1), new Command.UnregisterBroker(1));
        var encoded = CommandCodec.encode(commands);
        var padded = new byte[encoded.length + 10];
        System.arraycopy(encoded, 0, padded, 5, encoded.length);

        assertEquals(commands, CommandCodec.decode(padded, 5, encoded.length));
    }

    @Example
    void aCommandOfANewerVersionIsRefused() {
        var batch = MetadataProto.CommandBatch.newBuilder()
                .setFormatVersion(1)
                .addCommands(MetadataProto.Command.newBuilder().setUnknownFields(FIELD_OF_A_NEWER_VERSION))
                .build();

        var refused = assertThrows(UnknownFormatException.class, () -> CommandCodec.decode(batch.toByteArray()));
        assertEquals(
                "fields [999] of odradek.metadata.Command are unknown to this version: they were written by a newer"
                        + " one",
                refused.getMessage());
    }

    @Example
    void aFieldOfANewerVersionIsRefused() {
        var batch = MetadataProto.CommandBatch.newBuilder()
                .setFormatVersion(1)
                .addCommands(MetadataProto.Command.newBuilder()
                        .setDeleteTopic(MetadataProto.DeleteTopic.newBuilder()
                                .setId(MetadataProto.Id.newBuilder().setUnknownFields(FIELD_OF_A_NEWER_VERSION))))
                .build();

        assertThrows(UnknownFormatException.class, () -> CommandCodec.decode(batch.toByteArray()));
    }

    @Example
    void aBatchOfAnotherFormatIsRefused() {
        var batch = MetadataProto.CommandBatch.newBuilder().setFormatVersion(2).build();

        assertEquals(
                "metadata commands of format version 2: this version knows only 1",
                assertThrows(UnknownFormatException.class, () -> CommandCodec.decode(batch.toByteArray()))
                        .getMessage());
        assertThrows(UnknownFormatException.class, () -> CommandCodec.decode(new byte[] {1, 2, 3}));
        assertThrows(UnknownFormatException.class, () -> CommandCodec.decode(new byte[0]));
    }

    private static byte[] snapshot() throws IOException {
        var cluster = ImageUnderTest.withBrokers(2);
        cluster.ok(topic("t", 3, 2, "retention.ms", "5"));
        cluster.ok(topic("u", 1, 1));
        var out = new ByteArrayOutputStream();
        SnapshotCodec.write(cluster.image(), out);
        return out.toByteArray();
    }

    @Example
    void aSnapshotThatWasCutOffAnywhereIsRefused() throws IOException {
        var snapshot = snapshot();

        for (int length = 0; length < snapshot.length; length++) {
            var cut = Arrays.copyOf(snapshot, length);
            assertThrows(
                    UnknownFormatException.class,
                    () -> SnapshotCodec.read(new ByteArrayInputStream(cut)),
                    "cut to " + length + " of " + snapshot.length);
        }
        assertEquals(
                2,
                SnapshotCodec.read(new ByteArrayInputStream(snapshot)).topics().size());
    }

    @Example
    void aSnapshotThatLacksARecordIsRefused() throws IOException {
        var in = new ByteArrayInputStream(snapshot());
        var out = new ByteArrayOutputStream();
        MetadataProto.SnapshotHeader.parseDelimitedFrom(in).writeDelimitedTo(out);
        MetadataProto.SnapshotRecord.parseDelimitedFrom(in);
        in.transferTo(out);

        assertThrows(
                UnknownFormatException.class, () -> SnapshotCodec.read(new ByteArrayInputStream(out.toByteArray())));
    }

    @Example
    void aSnapshotOfAnotherFormatIsRefused() throws IOException {
        var header = MetadataProto.SnapshotHeader.parseDelimitedFrom(new ByteArrayInputStream(snapshot()));

        assertEquals(
                "a snapshot of format version 2: this version knows only 1",
                refusal(header.toBuilder().setFormatVersion(2).build()));
        assertEquals(
                "not a snapshot of metadata",
                refusal(header.toBuilder().setMagic(7).build()));
    }

    private static String refusal(MetadataProto.SnapshotHeader header) throws IOException {
        var out = new ByteArrayOutputStream();
        var coded = CodedOutputStream.newInstance(out);
        coded.writeMessageNoTag(header);
        coded.flush();
        return assertThrows(
                        UnknownFormatException.class,
                        () -> SnapshotCodec.read(new ByteArrayInputStream(out.toByteArray())))
                .getMessage();
    }
}
