package io.odradek.metadata;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The replicated metadata. Thread-safe. */
public interface MetadataStore {
    /** The last applied image. Never waits. */
    MetadataImage image();

    /**
     * Completes once the command is committed and applied here and all listeners have run. Fails with the Kafka
     * {@link org.apache.kafka.common.errors.ApiException} that {@link MetadataMachine} decided, or with a retriable one
     * where it is not known to be committed.
     */
    <R> CompletionStage<R> propose(Command<R> command);

    void addListener(MetadataListener listener);

    /** As this node knows it. Never waits. */
    QuorumState quorum();

    /** As the leader knows it, who alone knows how far the others are; as this node does if none answers in time. */
    default CompletionStage<QuorumState> quorumOfLeader() {
        return CompletableFuture.completedFuture(quorum());
    }
}
