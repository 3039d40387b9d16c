package io.odradek.raft;

import io.odradek.metadata.Command;
import io.odradek.metadata.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.NotControllerException;

/**
 * The commands that this node has proposed and that are not yet applied. jgroups-raft refuses requests beyond a limit, so few
 * entries are in flight and commands wait here, to share the next entry and its fsync. Thread-safe, without a thread; never
 * blocks.
 *
 * <p>No lock is held while jgroups-raft is called: it calls back under its own.
 */
final class Proposals {
    /** Beyond it a command is refused at once. */
    static final int MAX_WAITING = 8192;

    static final int MAX_COMMANDS_PER_ENTRY = 256;
    /** Two keep the log busy: one is being synced, the other collected. More are for the way over a network. */
    static final int MAX_ENTRIES_IN_FLIGHT = 4;

    private enum State {
        /** Not yet known who leads: commands wait. */
        STARTING,
        LEADING,
        /** Another node leads, or none. */
        NOT_LEADING,
        CLOSED
    }

    private record Waiting<R>(Command<R> command, CompletableFuture<R> future) {
        @SuppressWarnings("unchecked") // the machine returned it for this command
        void complete(Result<?> result) {
            if (result instanceof Result.Ok<?> ok) {
                future.complete((R) ok.value());
            } else {
                future.completeExceptionally(((Result.Failed<?>) result).exception());
            }
        }
    }

    private record InFlight(List<Waiting<?>> commands, CompletableFuture<Void> done) {
        void fail(ApiException reason) {
            commands.forEach(each -> each.future().completeExceptionally(reason));
            done.complete(null);
        }
    }

    private final UUID proposer;
    private final Function<byte[], CompletionStage<?>> submit;
    private final BlockingQueue<Waiting<?>> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Map<Long, InFlight> inFlight = new ConcurrentHashMap<>();
    private final AtomicLong sequence = new AtomicLong();
    private final AtomicInteger pumping = new AtomicInteger();
    private volatile State state = State.STARTING;
    private volatile String closedBecause = "";

    /**
     * @param proposer this life of this node
     * @param submit gives an entry to Raft; its stage tells only whether that failed
     */
    Proposals(UUID proposer, Function<byte[], CompletionStage<?>> submit) {
        this.proposer = proposer;
        this.submit = submit;
    }

    /** Fails with a retriable exception where the command was not, or is not known to be, committed. */
    <R> CompletionStage<R> propose(Command<R> command) {
        var future = new CompletableFuture<R>();
        if (state == State.NOT_LEADING || state == State.CLOSED) {
            future.completeExceptionally(refusal());
        } else if (!waiting.offer(new Waiting<>(command, future))) {
            future.completeExceptionally(new org.apache.kafka.common.errors.TimeoutException(
                    MAX_WAITING + " changes of the metadata are waiting already"));
        } else {
            pump();
        }
        return future;
    }

    /** Proposed and not yet applied. */
    int size() {
        int size = waiting.size();
        for (var each : inFlight.values()) {
            size += each.commands().size();
        }
        return size;
    }

    /** This node was elected; it leads once the barrier is applied, and with it all that was committed before. */
    void elected() {
        send(List.of());
    }

    void lostLeadership() {
        if (state != State.CLOSED) {
            state = State.NOT_LEADING;
            pump();
        }
    }

    /**
     * @return whether it was the barrier of an election that this node won
     */
    boolean applied(Entry entry, List<Result<?>> results) {
        if (!entry.proposer().equals(proposer)) {
            return false;
        }
        var mine = inFlight.remove(entry.sequence());
        boolean barrier = entry.commands().isEmpty();
        if (barrier && state != State.CLOSED) {
            state = State.LEADING;
        }
        if (mine != null) {
            for (int i = 0; i < results.size(); i++) {
                mine.commands().get(i).complete(results.get(i));
            }
            mine.done().complete(null);
        }
        pump();
        return barrier;
    }

    /** Refuses what comes, and what waits; what is in flight gets the time to end. */
    void close(String reason, long timeoutMs) {
        stop(reason);
        try {
            CompletableFuture.allOf(
                            inFlight.values().stream().map(InFlight::done).toArray(CompletableFuture[]::new))
                    .get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Its proposers are told below that the outcome is not known.
        }
        failInFlight();
    }

    /** Fails everything at once. */
    void fail(String reason) {
        stop(reason);
        failInFlight();
    }

    private void stop(String reason) {
        if (state != State.CLOSED) {
            closedBecause = reason;
            state = State.CLOSED;
        }
        pump();
    }

    private void failInFlight() {
        for (var each : List.copyOf(inFlight.keySet())) {
            fail(each);
        }
    }

    private void fail(long number) {
        var lost = inFlight.remove(number);
        if (lost != null) {
            lost.fail(refusal());
            pump();
        }
    }

    private ApiException refusal() {
        return new NotControllerException(
                state == State.CLOSED ? closedBecause : "this broker is not the active controller");
    }

    /** One thread at a time sends, so that commands keep the order in which they were proposed. */
    private void pump() {
        if (pumping.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            if (state == State.NOT_LEADING || state == State.CLOSED) {
                for (var each = waiting.poll(); each != null; each = waiting.poll()) {
                    each.future().completeExceptionally(refusal());
                }
            }
            while (state == State.LEADING && inFlight.size() < MAX_ENTRIES_IN_FLIGHT) {
                var batch = new ArrayList<Waiting<?>>();
                if (waiting.drainTo(batch, MAX_COMMANDS_PER_ENTRY) == 0) {
                    break;
                }
                send(batch);
            }
            seen = pumping.addAndGet(-seen);
        } while (seen != 0);
    }

    private void send(List<Waiting<?>> batch) {
        long number = sequence.incrementAndGet();
        inFlight.put(number, new InFlight(batch, new CompletableFuture<>()));
        try {
            List<Command<?>> commands = new ArrayList<>();
            batch.forEach(each -> commands.add(each.command()));
            submit.apply(new Entry(proposer, number, commands).encode()).whenComplete((ignored, failure) -> {
                if (failure != null) {
                    fail(number);
                }
            });
        } catch (RuntimeException e) {
            fail(number);
        }
    }
}
