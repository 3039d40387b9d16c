package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;

/** How large what members say may be: a group is one record, and that has to fit into one batch. */
final class SizeLimits {
    /** What a batch and a record have beside key and value, generously. */
    private static final int OVERHEAD_BYTES = 128;

    /** Members name several protocols, of which one ends up in the record. */
    private static final int PROTOCOLS_IN_RECORDS = 8;

    /** What the format of a record has for the length of a text. */
    private static final int MAX_TEXT_BYTES = Short.MAX_VALUE;

    private static final int UUID_CHARS = 36;

    private final IntSupplier maxBatchBytes;

    SizeLimits(IntSupplier maxBatchBytes) {
        this.maxBatchBytes = maxBatchBytes;
    }

    int maxBytes() {
        return maxBatchBytes.getAsInt() - OVERHEAD_BYTES;
    }

    boolean fits(CoordinatorRecord record) {
        return GroupRecords.sizeBytes(record) <= maxBytes();
    }

    /** Whether a group could be written with this member alone in it, whichever of its protocols is chosen. */
    boolean fits(MemberProtocols protocols) {
        return protocols.asMap().values().stream().allMatch(metadata -> metadata.length <= maxBytes())
                && protocols.sizeBytes() <= (long) PROTOCOLS_IN_RECORDS * maxBytes();
    }

    /** Whether there is room for the random part that makes a member id out of this. */
    static boolean fitsIntoMemberId(String clientOrInstanceId) {
        return clientOrInstanceId.getBytes(StandardCharsets.UTF_8).length + 1 + UUID_CHARS <= MAX_TEXT_BYTES;
    }
}
