package io.odradek.log;

/**
 * Where a leader epoch ends in a log (KIP-101, KIP-279).
 *
 * @param leaderEpoch the largest epoch known that is not larger than the one asked for, -1 if none
 * @param endOffset the first offset that does not belong to {@code leaderEpoch}, -1 if unknown
 */
public record EpochEndOffset(int leaderEpoch, long endOffset) {
    public static final EpochEndOffset UNDEFINED = new EpochEndOffset(-1, -1L);

    public boolean isDefined() {
        return endOffset >= 0;
    }
}
