package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;

/** How large what members say may be: a group is one record, and that has to fit into one batch. */
final class SizeLimits {
    /** What a batch and a record have beside key and value, generously. */
    private static final int OVERHEAD_BYTES = 128;

    /** Members name several protocols, of which one ends up in the record; so many may be as large as they can. */
    private static final int PROTOCOLS_OF_MEMBER = 8;

    /** Not worth asking how large a batch may be. Should it be smaller even, the group's record will be refused. */
    private static final int ALWAYS_FITS_BYTES = 16 * 1024;

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
        long size = protocols.sizeBytes();
        if (size <= ALWAYS_FITS_BYTES) {
            return true;
        }
        int maxBytes = maxBytes();
        return protocols.asMap().values().stream().allMatch(metadata -> metadata.length <= maxBytes)
                && size <= (long) PROTOCOLS_OF_MEMBER * maxBytes;
    }

    /** Whether there is room for the random part that makes a member id out of this. */
    static boolean fitsIntoMemberId(String clientOrInstanceId) {
        return clientOrInstanceId.getBytes(StandardCharsets.UTF_8).length + 1 + UUID_CHARS <= MAX_TEXT_BYTES;
    }
}
