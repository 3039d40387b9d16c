package io.odradek.checker;

import io.odradek.checker.Event.Acknowledge;
import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Commit;
import io.odradek.checker.Event.Complete;
import io.odradek.checker.Event.End;
import io.odradek.checker.Event.Invoke;
import io.odradek.checker.Event.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * All that happened, put together from events.
 *
 * @param operations by invocation
 * @param acknowledgements by value: where the producer said it is, and when it said so
 * @param ends logs that were read to their end after all was over
 */
record History(List<Operation> operations, Map<Long, Event> acknowledgements, Map<TopicPartition, List<End>> ends) {

    /** @param events those of one process in their order; processes may be mixed in any way */
    static History of(Collection<Event> events) {
        var byProcess = new LinkedHashMap<String, List<Event>>();
        var acknowledgements = new HashMap<Long, Event>();
        var ends = new HashMap<TopicPartition, List<End>>();
        for (var event : events) {
            if (event.what() instanceof Acknowledge a) {
                acknowledgements.put(a.value(), event);
            } else if (event.what() instanceof End end) {
                ends.computeIfAbsent(end.log(), l -> new ArrayList<>()).add(end);
            } else {
                byProcess
                        .computeIfAbsent(event.process(), p -> new ArrayList<>())
                        .add(event);
            }
        }
        var operations = new ArrayList<Operation>();
        byProcess.values().forEach(ofProcess -> operations.addAll(operations(ofProcess)));
        operations.sort(Comparator.comparingLong(Operation::invokedNs));
        for (int i = 0; i < operations.size(); i++) {
            var o = operations.get(i);
            operations.set(
                    i,
                    new Operation(
                            i, o.process(), o.activity(), o.outcome(), o.invokedNs(), o.completedNs(), o.steps()));
        }
        return new History(operations, acknowledgements, ends);
    }

    private static List<Operation> operations(List<Event> events) {
        var operations = new ArrayList<Operation>();
        List<Event> current = new ArrayList<>();
        for (var event : events) {
            if (event.what() instanceof Invoke || event.what() instanceof Event.Open) {
                finish(current, operations);
                current = new ArrayList<>(List.of(event));
            } else {
                current.add(event);
                if (event.what() instanceof Complete) {
                    finish(current, operations);
                    current = new ArrayList<>();
                }
            }
        }
        finish(current, operations);
        return operations;
    }

    private static void finish(List<Event> events, List<Operation> operations) {
        if (events.isEmpty()) {
            return;
        }
        var first = events.get(0);
        var last = events.get(events.size() - 1);
        var activity = first.what() instanceof Invoke i ? i.activity() : Activity.POLL;
        var completed = last.what() instanceof Complete;
        operations.add(new Operation(
                0,
                first.process(),
                activity,
                outcome(activity, events),
                first.atNs(),
                completed ? last.atNs() : Long.MAX_VALUE,
                List.copyOf(events)));
    }

    /** Whoever never asked for a commit has certainly not committed, even if it was killed before it could say so. */
    private static Outcome outcome(Activity activity, List<Event> events) {
        if (events.get(events.size() - 1).what() instanceof Complete c) {
            return c.outcome();
        }
        var asked = events.stream().anyMatch(e -> e.what() instanceof Commit);
        return activity == Activity.TRANSACTION && !asked ? Outcome.FAIL : Outcome.INFO;
    }
}
