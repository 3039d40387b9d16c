package io.odradek.raft;

import java.util.zip.CRC32C;

/** CRC32C, which all that is written to disk or sent in pieces carries. */
final class Checksum {
    private Checksum() {}

    static int of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    static int of(byte[] bytes, int offset, int length) {
        var crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
