package io.odradek.api;

import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.Command.AllocateProducerIds;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.ProducerIdBlock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;

/**
 * Gives out producer ids, from blocks that belong to this broker alone: no id is given twice in the life of the cluster.
 * The next block is asked for before the current one is used up. Thread-safe; futures are completed without a lock held.
 */
public final class ProducerIds {
    private static final Logger LOG = Logger.getLogger(ProducerIds.class);
    /** How much of a block is used before the next one is asked for, as in Kafka. */
    private static final double PREFETCH_AT = 0.9;
    /** Producers that wait for a block; beyond, they are told to come again. */
    private static final int MAX_WAITING = 10_000;

    private final MetadataStore metadata;
    private final int brokerId;
    private final ArrayDeque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private ProducerIdBlock block = new ProducerIdBlock(0, 0);
    private long next;
    private Optional<ProducerIdBlock> following = Optional.empty();
    private boolean asked;

    public ProducerIds(MetadataStore metadata, int brokerId) {
        this.metadata = metadata;
        this.brokerId = brokerId;
    }

    /**
     * An id that nobody has. Mostly complete at once; fails with COORDINATOR_LOAD_IN_PROGRESS, which makes any client try
     * again, if no block can be had.
     */
    public CompletionStage<Long> next() {
        CompletionStage<Long> id;
        synchronized (this) {
            if (hasNext()) {
                id = CompletableFuture.completedStage(next++);
            } else if (waiting.size() < MAX_WAITING) {
                var future = new CompletableFuture<Long>();
                waiting.add(future);
                id = future;
            } else {
                return CompletableFuture.failedStage(unavailable("Too many producers wait for an id"));
            }
        }
        askIfNeeded();
        return id;
    }

    private boolean hasNext() {
        if (next == block.end() && following.isPresent()) {
            block = following.get();
            next = block.first();
            following = Optional.empty();
        }
        return next < block.end();
    }

    private void askIfNeeded() {
        synchronized (this) {
            boolean needed = next >= block.first() + (long) (block.size() * PREFETCH_AT) && following.isEmpty();
            if (!needed || asked) {
                return;
            }
            asked = true;
        }
        long epoch = metadata.image().broker(brokerId).map(BrokerImage::epoch).orElse(-1L);
        metadata.propose(new AllocateProducerIds(brokerId, epoch)).whenComplete(this::onBlock);
    }

    private void onBlock(ProducerIdBlock allocated, Throwable failure) {
        var futures = new ArrayList<CompletableFuture<Long>>();
        var ids = new ArrayList<Long>();
        synchronized (this) {
            asked = false;
            if (failure != null) {
                futures.addAll(waiting);
                waiting.clear();
            } else {
                following = Optional.of(allocated);
                while (!waiting.isEmpty() && hasNext()) {
                    futures.add(waiting.poll());
                    ids.add(next++);
                }
            }
        }
        if (failure != null) {
            LOG.warnf("No block of producer ids could be had: %s", failure.getMessage());
            fail(futures);
            return;
        }
        for (int i = 0; i < futures.size(); i++) {
            futures.get(i).complete(ids.get(i));
        }
        askIfNeeded();
    }

    private static void fail(List<CompletableFuture<Long>> futures) {
        futures.forEach(future -> future.completeExceptionally(unavailable("No block of producer ids could be had")));
    }

    private static RuntimeException unavailable(String message) {
        return Errors.COORDINATOR_LOAD_IN_PROGRESS.exception(message);
    }
}
