package io.odradek.log;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The latest offset of each key of a log's dirty section, in bounded memory: 24 bytes an entry, whatever the size of the
 * keys. A key is represented by the first 128 bits of its SHA-256: two keys that share them would make the cleaner drop a
 * record, and unlike with MD5, which Kafka uses, nobody knows how to make such keys. Open addressing with linear probing.
 * Not thread-safe.
 */
final class KeyOffsets {
    static final int ENTRY_BYTES = 3 * Long.BYTES;
    private static final int DIGEST_BYTES = 32;

    private final MessageDigest digest = sha256();
    private final byte[] hash = new byte[DIGEST_BYTES];
    private final ByteBuffer hashed = ByteBuffer.wrap(hash);
    /** Hash (two), offset plus one; zero there is an empty slot. */
    private final long[] table;

    private final int slots;
    private final int capacity;
    private int size;
    private long latestOffset = -1L;

    /**
     * @param maxBytes memory to use at most
     * @param loadFactor how full of entries it may become, above 0 and below 1: the fuller the slower
     * @param maxEntries there will not be more entries: no more memory is taken than they need
     */
    KeyOffsets(long maxBytes, double loadFactor, long maxEntries) {
        var possible = Math.min(maxBytes / ENTRY_BYTES, Integer.MAX_VALUE / 3 - 8);
        var wanted = Math.ceil(Math.max(1, maxEntries) / loadFactor) + 1;
        this.slots = (int) Math.min(wanted, possible);
        this.capacity = (int) (slots * loadFactor);
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    maxBytes + " bytes do not hold a single key: log.cleaner.dedupe.buffer.size is too small");
        }
        this.table = new long[slots * 3];
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Notes that {@code key} is at {@code offset}, which is beyond all offsets before. Leaves the buffer as it was.
     *
     * @return false if the key is new and there is no room; then nothing is noted
     */
    boolean put(ByteBuffer key, long offset) {
        var at = find(key);
        if (table[at + 2] == 0) {
            if (size == capacity) {
                return false;
            }
            size++;
            table[at] = hashed.getLong(0);
            table[at + 1] = hashed.getLong(8);
        }
        table[at + 2] = offset + 1;
        return true;
    }

    /** The latest offset noted for {@code key}, -1 if there is none. Leaves the buffer as it was. */
    long get(ByteBuffer key) {
        return table[find(key) + 2] - 1;
    }

    private int find(ByteBuffer key) {
        var position = key.position();
        digest.update(key);
        key.position(position);
        try {
            digest.digest(hash, 0, DIGEST_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("the buffer has the digest's size", e);
        }
        var first = hashed.getLong(0);
        var second = hashed.getLong(8);
        // Of another part of the digest than is compared: equal slots say nothing about equal hashes.
        var slot = (int) Math.floorMod(hashed.getLong(16), (long) slots);
        while (true) {
            var at = slot * 3;
            if (table[at + 2] == 0 || table[at] == first && table[at + 1] == second) {
                return at;
            }
            slot = slot + 1 == slots ? 0 : slot + 1;
        }
    }

    /** All batches that end at or before {@code offset} are noted. */
    void coverUpTo(long offset) {
        latestOffset = Math.max(latestOffset, offset);
    }

    /** The last offset that is covered: nothing is known of records beyond it. -1 if nothing is covered. */
    long latestOffset() {
        return latestOffset;
    }

    int size() {
        return size;
    }

    /** How many keys fit. */
    int capacity() {
        return capacity;
    }
}
