package io.odradek.replication;

import io.odradek.metadata.PartitionImage;
import java.util.concurrent.CompletionStage;

/** Takes leaders' proposals to the metadata. */
@FunctionalInterface
public interface IsrProposals {
    /**
     * Completes once the proposal is applied here and the metadata's listeners have run. Fails as {@link
     * io.odradek.metadata.MetadataStore#propose}: with the exception that the metadata refused it with, or with a
     * retriable one if its fate is not known; but once a later proposal of this broker has been answered by the metadata,
     * an earlier one of unknown fate must not be applied any more.
     *
     * <p>Called without a lock, by any thread; must not block.
     */
    CompletionStage<PartitionImage> propose(IsrProposal proposal);
}
