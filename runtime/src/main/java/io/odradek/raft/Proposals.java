package io.odradek.raft;

import io.odradek.metadata.Command;
import io.odradek.metadata.Result;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.NotControllerException;

/**
 * The commands that this node has proposed and that are not yet applied. jgroups-raft refuses requests beyond a limit, so few
 * entries are in flight and commands wait here, for a leader, and to share the next entry and its fsync.
 *
 * <p>Entries are given to the leader of a term in the order of their sequence, again if it does not say that it took them
 * ({@link Intake} takes each once). When an entry of a later term is applied, those of earlier terms that are not applied never
 * will be ({@link Entry}): their commands are proposed again. So a change of leaders loses no command, applies none twice and
 * keeps their order; and once a command is applied, one that was proposed before it never will be any more.
 *
 * <p>Thread-safe, without a thread; never blocks. No lock is held while anybody is called.
 */
final class Proposals {
    /** Beyond it a command is refused at once. */
    static final int MAX_WAITING = 8192;

    static final int MAX_COMMANDS_PER_ENTRY = 256;
    /** Unless one command alone is larger. What is sent again and again while a network has not carried it yet must be small. */
    static final int MAX_BYTES_PER_ENTRY = 1 << 20;
    /** Two keep the log busy: one is being synced, the other collected. More are for the way over a network. */
    static final int MAX_ENTRIES_IN_FLIGHT = 4;
    /** For an answer of the leader; only a message that went with its connection is missed for longer. */
    static final long RESEND_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** How often {@link #tick} wants to be called while anything waits. */
    static final long TICK_MS = 100;

    /** Where entries go to, and what this node's own part in it is. */
    interface Surroundings {
        /** Gives an entry to the leader of its term, which answers with {@link Proposals#taken}, or never. */
        void submit(NodeMessage.Propose entry);

        /** This node leads, and has applied all that was committed before; or does no longer. */
        void leads(boolean leading);

        /** Asks for a call of {@link Proposals#tick} in {@link #TICK_MS}. */
        void wake();
    }

    /** @param command empty for a barrier */
    private record Waiting<R>(
            Optional<Command<R>> command, boolean ofElection, long deadlineNanos, CompletableFuture<R> future) {
        @SuppressWarnings("unchecked") // the machine returned it for this command
        void complete(Result<?> result) {
            if (result instanceof Result.Ok<?> ok) {
                future.complete((R) ok.value());
            } else {
                future.completeExceptionally(((Result.Failed<?>) result).exception());
            }
        }
    }

    private static final class InFlight {
        private final long term;
        private final List<Waiting<?>> commands;
        private final byte[] bytes;
        private boolean taken;
        private long sentNanos;

        InFlight(long term, List<Waiting<?>> commands, byte[] bytes) {
            this.term = term;
            this.commands = commands;
            this.bytes = bytes;
        }
    }

    private final UUID proposer;
    private final long timeoutNanos;
    private final LongSupplier nanoTime;
    private final Surroundings surroundings;
    private final InOrder effects = new InOrder();
    // All below is guarded by this.
    private final Deque<Waiting<?>> waiting = new ArrayDeque<>();
    private final NavigableMap<Long, InFlight> inFlight = new TreeMap<>();
    private long sequence;
    private long firstOfTerm;
    private long sentTerm;
    /** 0 while none is known. */
    private long leaderTerm;
    /** Whether the leader is this node. */
    private boolean elected;

    private boolean leading;
    /** Of the last applied entry. */
    private long appliedTerm;

    private boolean awake;
    private boolean closed;
    private String closedBecause = "";

    /** @param proposer this life of this node */
    Proposals(UUID proposer, long timeoutNanos, LongSupplier nanoTime, Surroundings surroundings) {
        this.proposer = proposer;
        this.timeoutNanos = timeoutNanos;
        this.nanoTime = nanoTime;
        this.surroundings = surroundings;
    }

    /** Fails with a retriable exception where the command was not, or is not known to be, committed. */
    <R> CompletionStage<R> propose(Command<R> command) {
        return add(Optional.of(command));
    }

    /** Once it completes, everything that was committed when it was called is applied here. */
    CompletionStage<Void> barrier() {
        return add(Optional.empty());
    }

    private <R> CompletionStage<R> add(Optional<Command<R>> command) {
        var future = new CompletableFuture<R>();
        synchronized (this) {
            if (closed) {
                fail(future, refusal());
            } else if (waiting.size() >= MAX_WAITING) {
                fail(future, timedOut(MAX_WAITING + " changes of the metadata are waiting already"));
            } else {
                waiting.add(new Waiting<>(command, false, nanoTime.getAsLong() + timeoutNanos, future));
                pump();
            }
        }
        effects.run();
        return future;
    }

    /** Proposed and not yet applied. */
    synchronized int size() {
        int size = 0;
        for (var each : waiting) {
            size += each.command().isPresent() ? 1 : 0;
        }
        for (var entry : inFlight.values()) {
            for (var each : entry.commands) {
                size += each.command().isPresent() ? 1 : 0;
            }
        }
        return size;
    }

    /**
     * A leader is known.
     *
     * @param self it is this node. It leads once the barrier is applied that is sent here, and with it all that was committed
     *     before
     */
    void leader(long term, boolean self) {
        synchronized (this) {
            if (closed || term <= 0) {
                return;
            }
            notLeading();
            leaderTerm = term;
            elected = self;
            if (self) {
                waiting.removeIf(Waiting::ofElection);
                waiting.addFirst(new Waiting<>(Optional.<Command<Void>>empty(), true, 0, new CompletableFuture<>()));
            }
            pump();
        }
        effects.run();
    }

    void noLeader() {
        synchronized (this) {
            leaderTerm = 0;
            elected = false;
            notLeading();
        }
        effects.run();
    }

    /** The leader of that term has taken all of this node's entries before {@code next}. */
    void taken(long term, long next) {
        synchronized (this) {
            for (var each : inFlight.headMap(next).values()) {
                each.taken |= each.term == term;
            }
        }
    }

    /** As {@link MetadataApplier.OnApplied#applied}. */
    void applied(Entry entry, long term, List<Result<?>> results) {
        synchronized (this) {
            appliedTerm = Math.max(appliedTerm, term);
            if (entry.proposer().equals(proposer)) {
                var mine = inFlight.remove(entry.sequence());
                if (mine != null && entry.term() == term) {
                    complete(mine, results);
                } else if (mine != null) {
                    again(mine);
                }
            }
            // What the leaders of earlier terms were given and is not applied by now never will be.
            for (var number : List.copyOf(inFlight.descendingKeySet())) {
                if (inFlight.get(number).term < appliedTerm) {
                    again(inFlight.remove(number));
                }
            }
            pump();
        }
        effects.run();
    }

    private void complete(InFlight entry, List<Result<?>> results) {
        for (int i = 0; i < entry.commands.size(); i++) {
            var each = entry.commands.get(i);
            if (each.ofElection()) {
                if (elected && entry.term == leaderTerm && !closed) {
                    leading = true;
                    effects.add(() -> surroundings.leads(true));
                }
            } else if (each.command().isEmpty()) {
                effects.add(() -> each.future().complete(null));
            } else {
                var result = results.get(i);
                effects.add(() -> each.complete(result));
            }
        }
    }

    private void again(InFlight entry) {
        for (int i = entry.commands.size() - 1; i >= 0; i--) {
            var each = entry.commands.get(i);
            if (closed) {
                fail(each.future(), refusal());
            } else if (!each.ofElection() && !each.future().isDone()) {
                waiting.addFirst(each);
            }
        }
    }

    /**
     * The image was replaced by that of a snapshot, in which entries of this node may be: what became of their commands nobody
     * knows here. If they are not in it, they are still applied, before any that is proposed from now on.
     */
    void restored() {
        synchronized (this) {
            for (var entry : inFlight.values()) {
                for (var each : entry.commands) {
                    if (each.command().isPresent()) {
                        fail(each.future(), timedOut("this broker caught up by a snapshot: the outcome is not known"));
                    }
                }
            }
            for (var entry : List.copyOf(inFlight.descendingMap().values())) {
                if (entry.commands.get(0).command().isEmpty()) {
                    waiting.addFirst(entry.commands.get(0));
                }
            }
            inFlight.clear();
            pump();
        }
        effects.run();
    }

    /** Lets what has waited too long fail, and gives the leader again what it has not taken. */
    void tick() {
        synchronized (this) {
            awake = false;
            long now = nanoTime.getAsLong();
            waiting.removeIf(each -> {
                boolean late = !each.ofElection() && now - each.deadlineNanos() >= 0;
                if (late) {
                    fail(each.future(), timedOut("no leader of the metadata quorum took the change in time"));
                }
                return late || each.future().isDone();
            });
            inFlight.forEach((number, entry) -> {
                for (var each : entry.commands) {
                    if (!each.ofElection() && now - each.deadlineNanos() >= 0) {
                        fail(each.future(), timedOut("the metadata quorum did not commit the change in time"));
                    }
                }
                if (!entry.taken && entry.term == leaderTerm && now - entry.sentNanos >= RESEND_NANOS) {
                    submit(number, entry);
                }
            });
            pump();
        }
        effects.run();
    }

    /** Refuses what comes, and what waits; what is in flight gets the time to end. */
    void close(String reason, long timeoutMs) {
        CompletableFuture<?>[] ending;
        synchronized (this) {
            stop(reason);
            ending = inFlight.values().stream()
                    .flatMap(entry -> entry.commands.stream())
                    .filter(each -> !each.ofElection())
                    .map(Waiting::future)
                    .toArray(CompletableFuture[]::new);
        }
        effects.run();
        try {
            CompletableFuture.allOf(ending).get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Its proposers are told below that the outcome is not known.
        }
        fail(reason);
    }

    /** Fails everything at once. */
    void fail(String reason) {
        synchronized (this) {
            stop(reason);
            for (var entry : inFlight.values()) {
                entry.commands.forEach(each -> fail(each.future(), refusal()));
            }
            inFlight.clear();
        }
        effects.run();
    }

    private void stop(String reason) {
        if (!closed) {
            closed = true;
            closedBecause = reason;
            notLeading();
            waiting.forEach(each -> fail(each.future(), refusal()));
            waiting.clear();
        }
    }

    private void notLeading() {
        if (leading) {
            leading = false;
            effects.add(() -> surroundings.leads(false));
        }
    }

    private void fail(CompletableFuture<?> future, ApiException reason) {
        effects.add(() -> future.completeExceptionally(reason));
    }

    private ApiException refusal() {
        return new NotControllerException(closedBecause);
    }

    private static ApiException timedOut(String reason) {
        return new org.apache.kafka.common.errors.TimeoutException(reason);
    }

    private void pump() {
        while (maySend()) {
            var batch = new ArrayList<Waiting<?>>();
            batch.add(waiting.remove());
            if (batch.get(0).command().isPresent()) {
                while (batch.size() < MAX_COMMANDS_PER_ENTRY
                        && !waiting.isEmpty()
                        && waiting.peek().command().isPresent()) {
                    batch.add(waiting.remove());
                }
            }
            send(batch);
        }
        if (!awake && !(waiting.isEmpty() && inFlight.isEmpty())) {
            awake = true;
            effects.add(surroundings::wake);
        }
    }

    private boolean maySend() {
        if (closed || waiting.isEmpty() || leaderTerm == 0 || leaderTerm < appliedTerm) {
            return false; // with an entry of a later term applied, that leader is one no more
        }
        if (waiting.peek().ofElection()) {
            return true;
        }
        // Until the fate of what an earlier leader was given is known, nothing may overtake it.
        return inFlight.size() < MAX_ENTRIES_IN_FLIGHT
                && (inFlight.isEmpty() || inFlight.firstEntry().getValue().term == leaderTerm);
    }

    private void send(List<Waiting<?>> batch) {
        long number = ++sequence;
        if (sentTerm != leaderTerm) {
            sentTerm = leaderTerm;
            firstOfTerm = number;
        }
        var encoded = encode(number, batch);
        while (encoded.length > MAX_BYTES_PER_ENTRY && batch.size() > 1) {
            var rest = batch.subList(batch.size() / 2, batch.size());
            for (int i = rest.size() - 1; i >= 0; i--) {
                waiting.addFirst(rest.get(i));
            }
            rest.clear();
            encoded = encode(number, batch);
        }
        var entry = new InFlight(leaderTerm, batch, encoded);
        inFlight.put(number, entry);
        submit(number, entry);
    }

    private byte[] encode(long number, List<Waiting<?>> batch) {
        List<Command<?>> commands = new ArrayList<>();
        batch.forEach(each -> each.command().ifPresent(commands::add));
        return new Entry(proposer, number, leaderTerm, commands).encode();
    }

    private void submit(long number, InFlight entry) {
        entry.sentNanos = nanoTime.getAsLong();
        var message = new NodeMessage.Propose(proposer, entry.term, firstOfTerm, number, entry.bytes);
        effects.add(() -> surroundings.submit(message));
    }
}
