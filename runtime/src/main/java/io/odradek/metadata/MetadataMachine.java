package io.odradek.metadata;

/** The one function that changes metadata: pure and deterministic, the same on every broker. */
public final class MetadataMachine {
    private MetadataMachine() {}

    /**
     * @param change from the given image to the next; a refused command changes only the count of commands and the digest
     */
    public record Applied<R>(MetadataChange change, Result<R> result) {
        public MetadataImage image() {
            return change.after();
        }
    }

    /** Never throws: a command that must be refused yields {@link Result.Failed}. For validate-only, drop the image. */
    public static <R> Applied<R> apply(MetadataImage image, Command<R> command) {
        throw new UnsupportedOperationException();
    }
}
