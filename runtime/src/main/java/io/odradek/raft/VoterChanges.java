package io.odradek.raft;

import io.odradek.metadata.Voters;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.DuplicateVoterException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.VoterNotFoundException;
import org.apache.kafka.common.protocol.Errors;
import org.jgroups.Address;

/** Changes of the voters, asked for at any node and made by the leader. Thread-safe; never blocks. */
final class VoterChanges implements Voters {
    private static final int MAX_PENDING = 100;
    private static final long RETRY_MS = 100;

    /** What is refused for the moment is answered while who asked still waits: commands do so for 15 s. */
    private static final long PATIENCE_MS = 5_000;

    private final RaftStack stack;
    private final EventThread events;
    private final Supplier<Members> members;
    private final long timeoutMs;
    private final Map<Long, CompletableFuture<Void>> pending = new ConcurrentHashMap<>();
    private final AtomicLong requests = new AtomicLong();

    VoterChanges(RaftStack stack, EventThread events, Supplier<Members> members, long timeoutMs) {
        this.stack = stack;
        this.events = events;
        this.members = members;
        this.timeoutMs = timeoutMs;
    }

    @Override
    public CompletionStage<Void> add(int nodeId) {
        return change(nodeId, true);
    }

    @Override
    public CompletionStage<Void> remove(int nodeId) {
        return change(nodeId, false);
    }

    private CompletionStage<Void> change(int nodeId, boolean votes) {
        var leader = stack.raft().leader();
        if (leader == null) {
            return CompletableFuture.failedFuture(new NotControllerException("no node leads the metadata quorum"));
        }
        if (leader.equals(stack.raft().getAddress())) {
            return decide(nodeId, votes);
        }
        if (pending.size() >= MAX_PENDING) {
            return CompletableFuture.failedFuture(new TimeoutException("too many changes of voters are under way"));
        }
        var answer = new CompletableFuture<Void>();
        long request = requests.incrementAndGet();
        pending.put(request, answer);
        answer.whenComplete((done, failure) -> pending.remove(request));
        events.schedule(
                () -> answer.completeExceptionally(new TimeoutException("the leader did not answer in time")),
                timeoutMs);
        stack.send(leader, new NodeMessage.ChangeVoter(request, nodeId, votes));
        return answer;
    }

    /** This node leads, or was taken for the leader. */
    private CompletableFuture<Void> decide(int nodeId, boolean votes) {
        var id = String.valueOf(nodeId);
        List<String> voters = stack.raft().members();
        ApiException refusal = null;
        if (votes && voters.contains(id)) {
            refusal = new DuplicateVoterException("node " + nodeId + " votes already");
        } else if (votes && !members.get().nodes().contains(nodeId)) {
            refusal = new InvalidRequestException("node " + nodeId + " is not there: start it before it gets a vote");
        } else if (!votes && !voters.contains(id)) {
            refusal = new VoterNotFoundException("node " + nodeId + " does not vote");
        } else if (!votes && voters.size() == 1) {
            refusal = new InvalidRequestException("node " + nodeId + " is the last that votes");
        }
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        var answer = new CompletableFuture<Void>();
        long patienceMs = Math.min(PATIENCE_MS, timeoutMs);
        attempt(id, votes, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMs), answer);
        return answer;
    }

    /** What the leader refuses for the moment is tried again: a node that has just joined is not up to date yet. */
    private void attempt(String id, boolean votes, long deadlineNanos, CompletableFuture<Void> answer) {
        try {
            var changed = votes ? stack.raft().addServer(id) : stack.raft().removeServer(id);
            changed.whenComplete((done, failure) -> {
                if (failure == null) {
                    answer.complete(null);
                } else if (failure instanceof IllegalStateException && System.nanoTime() < deadlineNanos) {
                    events.schedule(() -> attempt(id, votes, deadlineNanos, answer), RETRY_MS);
                } else {
                    answer.completeExceptionally(
                            new TimeoutException("the voters could not be changed: " + FailStop.reason(failure)));
                }
            });
        } catch (Exception e) {
            answer.completeExceptionally(new NotControllerException(FailStop.reason(e)));
        }
    }

    /** By another node. */
    void asked(Address from, NodeMessage.ChangeVoter change) {
        decide(change.node(), change.votes()).whenComplete((done, failure) -> {
            var cause = failure == null || failure.getCause() == null ? failure : failure.getCause();
            var error = cause == null ? Errors.NONE : Errors.forException(cause);
            stack.send(
                    from,
                    new NodeMessage.VoterChanged(
                            change.request(), error.code(), cause == null ? "" : FailStop.reason(cause)));
        });
    }

    /** By the leader. */
    void answered(NodeMessage.VoterChanged answer) {
        var future = pending.get(answer.request());
        if (future != null) {
            var error = Errors.forCode(answer.error());
            if (error == Errors.NONE) {
                future.complete(null);
            } else {
                future.completeExceptionally(error.exception(answer.message()));
            }
        }
    }
}
