package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.ProducerIdBlock;
import io.odradek.metadata.QuorumState;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class ProducerIdsTest {
    private final SlowMetadata metadata = new SlowMetadata();
    private final ProducerIds ids = new ProducerIds(metadata, 1);

    @Test
    void theFirstOnesWaitForOneBlock() {
        var first = next();
        var second = next();
        assertFalse(first.isDone());
        assertEquals(1, metadata.asked.size());

        metadata.give(5_000);

        assertEquals(5_000, first.join());
        assertEquals(5_001, second.join());
        assertEquals(5_002, next().join());
    }

    @Test
    void theNextBlockIsAskedForAheadAndNoIdIsSkippedOrGivenTwice() {
        var seen = new HashSet<Long>();
        var first = next();
        metadata.give(0);
        seen.add(first.join());
        for (int i = 1; i < 900; i++) {
            assertTrue(seen.add(next().join()));
        }
        assertEquals(1, metadata.asked.size(), "at nine tenths");
        for (int i = 900; i < 1_000; i++) {
            assertTrue(seen.add(next().join()));
        }
        var waiting = next();
        assertFalse(waiting.isDone());
        assertEquals(1, metadata.asked.size());

        metadata.give(7_000);

        assertEquals(7_000, waiting.join());
        assertEquals(1_000, seen.size());
        assertEquals(7_001, next().join());
    }

    @Test
    void moreThanABlockMayWait() {
        var futures = new ArrayDeque<CompletableFuture<Long>>();
        for (int i = 0; i < 1_500; i++) {
            futures.add(next());
        }
        metadata.give(0);
        assertFalse(futures.peekLast().isDone());
        metadata.give(1_000);

        assertEquals(1_499, futures.peekLast().join());
    }

    @Test
    void withoutABlockProducersAreToldToComeAgain() {
        var waiting = next();

        metadata.asked.remove().completeExceptionally(new TimeoutException("no quorum"));

        var failure = assertThrows(CompletionException.class, waiting::join);
        assertEquals(
                CoordinatorLoadInProgressException.class, failure.getCause().getClass());
        var again = next();
        metadata.give(0);
        assertEquals(0, again.join());
    }

    private CompletableFuture<Long> next() {
        return ids.next().toCompletableFuture();
    }

    /** Decides when a command is applied. */
    private static final class SlowMetadata implements MetadataStore {
        private final ArrayDeque<CompletableFuture<ProducerIdBlock>> asked = new ArrayDeque<>();

        void give(long first) {
            asked.remove().complete(new ProducerIdBlock(first, ProducerIdBlock.SIZE));
        }

        @Override
        @SuppressWarnings("unchecked")
        public <R> CompletionStage<R> propose(Command<R> command) {
            var future = new CompletableFuture<ProducerIdBlock>();
            asked.add(future);
            return (CompletionStage<R>) future;
        }

        @Override
        public MetadataImage image() {
            return MetadataImage.EMPTY;
        }

        @Override
        public void addListener(MetadataListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public QuorumState quorum() {
            throw new UnsupportedOperationException();
        }
    }
}
