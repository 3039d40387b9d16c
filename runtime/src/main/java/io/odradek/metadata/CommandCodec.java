package io.odradek.metadata;

import java.util.List;

/** Commands as bytes: a batch of them is one Raft entry. */
public final class CommandCodec {
    private CommandCodec() {}

    public static byte[] encode(List<? extends Command<?>> commands) {
        throw new UnsupportedOperationException();
    }

    /** @throws UnknownFormatException for bytes that this version does not understand, such as a newer version's command */
    public static List<Command<?>> decode(byte[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    public static List<Command<?>> decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }
}
