package io.odradek.metadata;

/** Producer ids from {@code first} on that one broker may hand out. */
public record ProducerIdBlock(long first, int size) {
    /** Ids in a block, as in Kafka. */
    public static final int SIZE = 1000;

    /** The id after the last one of the block. */
    public long end() {
        return first + size;
    }
}
