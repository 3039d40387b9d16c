package io.odradek.metadata;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** An image as bytes, with the version of its format. A stream of small messages, so that neither side holds all of it twice. */
public final class SnapshotCodec {
    private SnapshotCodec() {}

    public static void write(MetadataImage image, OutputStream out) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** @throws UnknownFormatException for a format that this version does not understand, or a snapshot without its end */
    public static MetadataImage read(InputStream in) throws IOException {
        throw new UnsupportedOperationException();
    }
}
