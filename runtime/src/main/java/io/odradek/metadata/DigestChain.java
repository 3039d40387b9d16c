package io.odradek.metadata;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.apache.kafka.common.Uuid;

/**
 * One link of the digest over all commands: SHA-256 over the link before, the command and what became of it, cut to 64
 * bits. Commands are few and small, so that a hash which nothing can fool by accident costs nothing that counts, and
 * every JDK has it.
 */
final class DigestChain {
    private final MessageDigest sha;
    /** Collects small values, since each call of the hash costs more than they do. */
    private final ByteBuffer pending = ByteBuffer.allocate(512);

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
            if (value instanceof String text) {
                add(text.getBytes(StandardCharsets.UTF_8));
            } else if (value instanceof Uuid id) {
                add(id.getMostSignificantBits());
                add(id.getLeastSignificantBits());
            } else if (value instanceof Boolean flag) {
                add(flag ? 1 : 0);
            } else {
                add(((Number) value).longValue());
            }
        }
    }

    void add(Uuid topic, PartitionImage partition) {
        add(topic.getMostSignificantBits());
        add(topic.getLeastSignificantBits());
        add(partition.partition());
        add(partition.leader());
        add(partition.leaderEpoch());
        add(partition.partitionEpoch());
        add(partition.replicas());
        add(partition.isr());
        add(partition.elr());
        add(partition.lastKnownElr());
        // Only where there is one: digests from before there were any must come out the same.
        if (partition.isReassigning()) {
            add(partition.addingReplicas());
            add(partition.removingReplicas());
        }
    }

    /** With their number, so that no two sequences of values look the same. */
    private void add(List<Integer> brokers) {
        add(brokers.size());
        for (int broker : brokers) {
            add(broker);
        }
    }

    private void add(byte[] bytes) {
        add(bytes.length);
        drain();
        sha.update(bytes);
    }

    private void add(long value) {
        if (pending.remaining() < Long.BYTES) {
            drain();
        }
        pending.putLong(value);
    }

    private void drain() {
        sha.update(pending.array(), 0, pending.position());
        pending.clear();
    }

    long value() {
        drain();
        return ByteBuffer.wrap(sha.digest()).getLong();
    }
}
