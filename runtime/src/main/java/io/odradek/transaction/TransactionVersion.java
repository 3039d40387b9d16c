package io.odradek.transaction;

import io.odradek.metadata.Features;
import io.odradek.metadata.MetadataImage;

/** The level of the feature {@code transaction.version} (KIP-890): how transactions are written and ended. */
@FunctionalInterface
public interface TransactionVersion {
    short level();

    static short of(MetadataImage image) {
        return image.features().getOrDefault(Features.TRANSACTION_VERSION, (short) 0);
    }
}
