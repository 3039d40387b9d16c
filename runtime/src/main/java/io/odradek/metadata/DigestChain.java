package io.odradek.metadata;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.kafka.common.Uuid;

/**
 * One link of the digest over all commands: SHA-256 over the link before, the command and what became of it, cut to 64
 * bits. Commands are few and small, so that a hash which nothing can fool by accident costs nothing that counts, and
 * every JDK has it.
 */
final class DigestChain {
    private final MessageDigest sha;

    DigestChain(long previous, byte[] command) {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        add(previous);
        add(command);
    }

    void add(Object... values) {
        for (var value : values) {
            add(value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : bytes(value));
        }
    }

    void add(Uuid topic, PartitionImage partition) {
        add((Object) topic, partition.partition(), partition.leader(), partition.leaderEpoch());
        add(partition.partitionEpoch());
        add(partition.replicas().toArray());
        add(partition.isr().toArray());
        add(partition.elr().toArray());
        add(partition.lastKnownElr().toArray());
    }

    private static byte[] bytes(Object value) {
        if (value instanceof Uuid id) {
            return ByteBuffer.allocate(16)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .array();
        }
        if (value instanceof Boolean flag) {
            return new byte[] {(byte) (flag ? 1 : 0)};
        }
        return ByteBuffer.allocate(8).putLong(((Number) value).longValue()).array();
    }

    /** With its length, so that no two sequences of values look the same. */
    private void add(byte[] bytes) {
        sha.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
        sha.update(bytes);
    }

    long value() {
        return ByteBuffer.wrap(sha.digest()).getLong();
    }
}
