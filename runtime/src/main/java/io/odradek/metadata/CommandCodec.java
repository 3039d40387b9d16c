package io.odradek.metadata;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.odradek.metadata.proto.MetadataProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Commands as bytes: a batch of them is one Raft entry. Equal commands are equal bytes. */
public final class CommandCodec {
    static final int FORMAT_VERSION = 1;

    private CommandCodec() {}

    public static byte[] encode(List<? extends Command<?>> commands) {
        var batch = MetadataProto.CommandBatch.newBuilder().setFormatVersion(FORMAT_VERSION);
        commands.forEach(command -> batch.addCommands(CommandWriter.write(command)));
        return batch.build().toByteArray();
    }

    /** @throws UnknownFormatException for bytes that this version does not understand, such as a newer version's command */
    public static List<Command<?>> decode(byte[] bytes, int offset, int length) {
        MetadataProto.CommandBatch batch;
        try {
            batch = MetadataProto.CommandBatch.parseFrom(CodedInputStream.newInstance(bytes, offset, length));
        } catch (InvalidProtocolBufferException e) {
            throw new UnknownFormatException("not a batch of metadata commands: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail to be read", e);
        }
        if (batch.getFormatVersion() != FORMAT_VERSION) {
            throw new UnknownFormatException("metadata commands of format version " + batch.getFormatVersion()
                    + ": this version knows only " + FORMAT_VERSION);
        }
        var commands = new ArrayList<Command<?>>(ProtoValues.known(batch).getCommandsCount());
        for (var command : batch.getCommandsList()) {
            commands.add(CommandReader.read(command));
        }
        return commands;
    }

    public static List<Command<?>> decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }
}
