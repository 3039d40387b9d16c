package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyOffsetsTest {
    @Test
    void knowsTheLatestOffsetOfEachKey() {
        var random = new Random(1);
        var expected = new HashMap<String, Long>();
        var offsets = new KeyOffsets(1 << 20, 0.9, 1000);
        for (long offset = 0; offset < 5000; offset++) {
            var key = "key" + random.nextInt(1000);
            assertTrue(offsets.put(bytes(key), offset));
            expected.put(key, offset);
        }
        assertEquals(expected.size(), offsets.size());
        expected.forEach((key, offset) -> assertEquals(offset, offsets.get(bytes(key))));
        assertEquals(-1, offsets.get(bytes("other")));
    }

    @Test
    void refusesNewKeysWhenFullButUpdatesOldOnes() {
        var offsets = new KeyOffsets(100 * KeyOffsets.ENTRY_BYTES, 0.5, Long.MAX_VALUE / 2);
        assertEquals(50, offsets.capacity());
        for (int i = 0; i < 50; i++) {
            assertTrue(offsets.put(bytes("k" + i), i));
        }
        assertFalse(offsets.put(bytes("more"), 50));
        assertTrue(offsets.put(bytes("k7"), 51));
        assertEquals(51, offsets.get(bytes("k7")));
        assertEquals(-1, offsets.get(bytes("more")));
    }

    @Test
    void takesNoMoreMemoryThanTheLogNeeds() {
        var offsets = new KeyOffsets(Long.MAX_VALUE, 0.9, 10);
        assertTrue(offsets.capacity() >= 10 && offsets.capacity() < 15, "capacity " + offsets.capacity());
    }

    @Test
    void saysWhenThereIsNoRoomAtAll() {
        assertThrows(IllegalArgumentException.class, () -> new KeyOffsets(KeyOffsets.ENTRY_BYTES - 1, 0.9, 10));
    }

    @Test
    void leavesTheKeyAsItWas() {
        var key = ByteBuffer.wrap("xxkeyxx".getBytes()).position(2).limit(5);
        var offsets = new KeyOffsets(1 << 10, 0.9, 10);
        offsets.put(key, 3);
        assertEquals(2, key.position());
        assertEquals(3, offsets.get(bytes("key")));
    }

    private static ByteBuffer bytes(String key) {
        return ByteBuffer.wrap(key.getBytes());
    }
}
