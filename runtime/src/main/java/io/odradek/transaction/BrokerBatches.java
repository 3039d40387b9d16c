package io.odradek.transaction;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.errors.DisconnectException;

/**
 * Gathers questions to one broker: the first goes at once, and what comes while {@link #MOST_UNDER_WAY} requests have no
 * answer yet goes together with the next request. So a lone question waits for nothing, and many cost few requests.
 *
 * <p>The answers of a request are told apart by the keys of its questions, so no two of one request have the same key.
 *
 * <p>Thread-safe.
 */
final class BrokerBatches<Q, A> {
    /** A broker answers in order, so a few are enough to keep it busy while answers travel. */
    static final int MOST_UNDER_WAY = 4;
    /** Keeps one request far below what a broker accepts. */
    static final int MOST_IN_REQUEST = 1_000;
    /** What waits for a broker that does not answer; beyond it, whoever asks is to ask again. */
    static final int MOST_WAITING = 20_000;

    /** Sends one request. */
    @FunctionalInterface
    interface Wire<Q, A> {
        /** @return one answer for each question, in their order */
        CompletionStage<List<A>> send(List<Q> questions);
    }

    private record Waiting<Q, A>(Q question, CompletableFuture<A> answer) {}

    private final Function<Q, Object> key;
    private final Wire<Q, A> wire;
    /** Guarded by the monitor. */
    private final LinkedList<Waiting<Q, A>> waiting = new LinkedList<>();
    /** Guarded by the monitor. */
    private int underWay;

    BrokerBatches(Function<Q, Object> key, Wire<Q, A> wire) {
        this.key = key;
        this.wire = wire;
    }

    /** Fails as the wire does, or if too much waits already. */
    CompletionStage<A> ask(Q question) {
        var asked = new Waiting<Q, A>(question, new CompletableFuture<>());
        synchronized (this) {
            if (waiting.size() >= MOST_WAITING) {
                return CompletableFuture.failedStage(new DisconnectException("too much waits for the broker already"));
            }
            waiting.add(asked);
        }
        sendWhatMayGo();
        return asked.answer();
    }

    private void sendWhatMayGo() {
        for (var batch = next(); !batch.isEmpty(); batch = next()) {
            send(batch);
        }
    }

    private synchronized List<Waiting<Q, A>> next() {
        var batch = new ArrayList<Waiting<Q, A>>();
        if (underWay < MOST_UNDER_WAY) {
            var keys = new HashSet<Object>();
            for (Iterator<Waiting<Q, A>> all = waiting.iterator(); all.hasNext() && batch.size() < MOST_IN_REQUEST; ) {
                var candidate = all.next();
                if (keys.add(key.apply(candidate.question()))) {
                    batch.add(candidate);
                    all.remove();
                }
            }
            if (!batch.isEmpty()) {
                underWay++;
            }
        }
        return batch;
    }

    private void send(List<Waiting<Q, A>> batch) {
        CompletionStage<List<A>> sent;
        try {
            sent = wire.send(batch.stream().map(Waiting::question).toList());
        } catch (RuntimeException e) {
            sent = CompletableFuture.failedStage(e);
        }
        sent.whenComplete((answers, failure) -> {
            synchronized (this) {
                underWay--;
            }
            for (int i = 0; i < batch.size(); i++) {
                if (failure == null) {
                    batch.get(i).answer().complete(answers.get(i));
                } else {
                    batch.get(i).answer().completeExceptionally(failure);
                }
            }
            sendWhatMayGo();
        });
    }
}
