package io.odradek.checker;

import static io.odradek.checker.Anomaly.Kind.EXTERNAL_NONMONOTONIC_POLL;
import static io.odradek.checker.Anomaly.Kind.EXTERNAL_POLL_SKIP;
import static io.odradek.checker.Anomaly.Kind.INTERNAL_NONMONOTONIC_POLL;
import static io.odradek.checker.Anomaly.Kind.INTERNAL_POLL_SKIP;

import io.odradek.checker.Event.Assign;
import io.odradek.checker.Event.Open;
import io.odradek.checker.Event.Poll;
import io.odradek.checker.Event.Read;
import io.odradek.checker.Event.Revoke;
import io.odradek.checker.Event.Seek;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/** A consumer reads each record after its position once and leaves none out, as long as nobody moves the position. */
final class PollOrderCheck {
    /** @param by whoever moved the position there last */
    private record Position(long next, Operation by, boolean byPoll) {}

    private final Versions versions;
    private final Consumer<Anomaly> found;
    private final Map<String, Map<TopicPartition, Position>> positions = new HashMap<>();

    PollOrderCheck(Versions versions, Consumer<Anomaly> found) {
        this.versions = versions;
        this.found = found;
    }

    void check(History history) {
        for (var operation : history.operations()) {
            var ofProcess = positions.computeIfAbsent(operation.process(), p -> new HashMap<>());
            for (var step : operation.steps()) {
                if (step.what() instanceof Open) {
                    ofProcess.clear();
                } else if (step.what() instanceof Assign assign) {
                    assign.positions().forEach((log, p) -> ofProcess.put(log, new Position(p, operation, false)));
                } else if (step.what() instanceof Seek seek) {
                    seek.positions().forEach((log, p) -> ofProcess.put(log, new Position(p, operation, false)));
                } else if (step.what() instanceof Revoke revoke) {
                    revoke.logs().forEach(ofProcess::remove);
                } else if (step.what() instanceof Poll poll) {
                    for (var read : poll.reads()) {
                        var before = ofProcess.put(poll.log(), new Position(read.offset() + 1, operation, true));
                        if (before != null) {
                            check(operation, poll.log(), before, read);
                        }
                    }
                }
            }
        }
    }

    private void check(Operation operation, TopicPartition log, Position before, Read read) {
        var internal = before.by == operation && before.byPoll;
        var where = operation + " read " + log + "/" + read.offset() + " (" + Values.text(read.value())
                + ") at position " + before.next + (before.byPoll ? " after a poll of " : " set by ") + before.by;
        if (read.offset() < before.next) {
            found.accept(new Anomaly(internal ? INTERNAL_NONMONOTONIC_POLL : EXTERNAL_NONMONOTONIC_POLL, where));
            return;
        }
        var next = versions.next(log, before.next);
        if (next.isPresent() && next.getAsLong() < read.offset()) {
            found.accept(new Anomaly(
                    internal ? INTERNAL_POLL_SKIP : EXTERNAL_POLL_SKIP, where + ", but there is " + next.getAsLong()));
        }
    }
}
