package io.odradek.metadata;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;

/** Metadata without Raft, for tests: a command is applied at once, on the thread that proposes it. Thread-safe. */
public final class InMemoryMetadataStore implements MetadataStore {
    private final int nodeId;
    private final List<MetadataListener> listeners = new ArrayList<>();
    private volatile MetadataImage image;

    /** @param nodeId who is said to be the quorum's only voter and leader */
    public InMemoryMetadataStore(int nodeId) {
        this(nodeId, MetadataImage.EMPTY);
    }

    /** As after a restart: with what was there before, and nobody who listens. */
    public InMemoryMetadataStore(int nodeId, MetadataImage image) {
        this.nodeId = nodeId;
        this.image = image;
    }

    @Override
    public MetadataImage image() {
        return image;
    }

    @Override
    public synchronized <R> CompletionStage<R> propose(Command<R> command) {
        var applied = MetadataMachine.apply(image, command);
        var before = image;
        image = applied.image().at(before.appliedIndex() + 1);
        var change = applied.change();
        listeners.forEach(l ->
                l.onChange(new MetadataChange(before, image, change.topics(), change.brokers(), change.configs())));
        return applied.result() instanceof Result.Failed<R> failed
                ? CompletableFuture.failedStage(failed.exception())
                : CompletableFuture.completedStage(applied.result().orThrow());
    }

    /** What the command yields, or the Kafka exception that it was refused with. */
    public <R> R apply(Command<R> command) {
        try {
            return propose(command).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    @Override
    public synchronized void addListener(MetadataListener listener) {
        listeners.add(listener);
        var topics = new HashSet<Uuid>();
        image.topics().all().forEach(topic -> topics.add(topic.id()));
        listener.onChange(new MetadataChange(
                MetadataImage.EMPTY,
                image,
                topics,
                Set.copyOf(image.brokers().keySet()),
                Set.copyOf(image.configs().keySet())));
    }

    @Override
    public QuorumState quorum() {
        var self = new QuorumState.Replica(nodeId, image.appliedIndex(), -1, -1);
        return new QuorumState(nodeId, 1, image.appliedIndex(), List.of(self), List.of());
    }
}
