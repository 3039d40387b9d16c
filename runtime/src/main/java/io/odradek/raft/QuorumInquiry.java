package io.odradek.raft;

import io.odradek.metadata.QuorumState;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jgroups.Address;

/** What the leader knows of the quorum, asked for at any node. Thread-safe; never blocks. */
final class QuorumInquiry {
    private static final int MAX_PENDING = 100;
    private static final long TIMEOUT_MS = 2_000;

    private final RaftStack stack;
    private final EventThread events;
    private final Supplier<QuorumState> known;
    private final Map<Long, CompletableFuture<QuorumState>> pending = new ConcurrentHashMap<>();
    private final AtomicLong requests = new AtomicLong();

    /** @param known what this node knows itself */
    QuorumInquiry(RaftStack stack, EventThread events, Supplier<QuorumState> known) {
        this.stack = stack;
        this.events = events;
        this.known = known;
    }

    /** What the leader knows; if none answers in time, what this node does. */
    CompletionStage<QuorumState> ask() {
        var leader = stack.raft().leader();
        if (leader == null || leader.equals(stack.raft().getAddress()) || pending.size() >= MAX_PENDING) {
            return CompletableFuture.completedFuture(known.get());
        }
        var answer = new CompletableFuture<QuorumState>();
        long request = requests.incrementAndGet();
        pending.put(request, answer);
        answer.whenComplete((done, failure) -> pending.remove(request));
        events.schedule(() -> answer.complete(known.get()), TIMEOUT_MS);
        stack.send(leader, new NodeMessage.AskQuorum(request));
        return answer;
    }

    /** By another node. */
    void asked(Address from, NodeMessage.AskQuorum question) {
        stack.send(from, new NodeMessage.Quorum(question.request(), known.get()));
    }

    void answered(NodeMessage.Quorum answer) {
        var future = pending.get(answer.request());
        if (future != null) {
            future.complete(answer.state());
        }
    }
}
