package io.odradek.checker;

import static io.odradek.checker.Anomaly.Kind.DUPLICATE;
import static io.odradek.checker.Anomaly.Kind.INCONSISTENT_OFFSETS;

import io.odradek.checker.Event.Acknowledge;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Event.Poll;
import io.odradek.checker.Event.Send;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/** What the logs held, as far as the history shows it: which value at which offset, who wrote it, when it was first read. */
final class Versions {
    private final Map<TopicPartition, TreeMap<Long, SortedSet<Long>>> logs = new HashMap<>();
    private final Map<Long, Operation> writers = new HashMap<>();
    private final Map<Long, Long> sentNs = new HashMap<>();
    private final Map<Long, Long> firstReadNs = new HashMap<>();
    private final Map<Long, Event> acknowledgements;

    private Versions(History history) {
        acknowledgements = history.acknowledgements();
        for (var operation : history.operations()) {
            for (var step : operation.steps()) {
                if (step.what() instanceof Send send) {
                    writers.put(send.value(), operation);
                    sentNs.put(send.value(), step.atNs());
                } else if (step.what() instanceof Poll poll) {
                    poll.reads().forEach(read -> {
                        add(poll.log(), read.offset(), read.value());
                        firstReadNs.merge(read.value(), step.atNs(), Math::min);
                    });
                }
            }
        }
        // Where a record is said to be counts only if it is certain that it stays there.
        acknowledgements.forEach((value, event) -> {
            var writer = writers.get(value);
            if (writer != null && committed(writer) && event.what() instanceof Acknowledge a) {
                add(a.log(), a.offset(), value);
            }
        });
    }

    static Versions of(History history) {
        return new Versions(history);
    }

    private void add(TopicPartition log, long offset, long value) {
        logs.computeIfAbsent(log, l -> new TreeMap<>())
                .computeIfAbsent(offset, o -> new TreeSet<>())
                .add(value);
    }

    Collection<TopicPartition> logs() {
        return logs.keySet();
    }

    /** Values by offset; more than one value at an offset is an anomaly. */
    TreeMap<Long, SortedSet<Long>> log(TopicPartition log) {
        return logs.getOrDefault(log, new TreeMap<>());
    }

    /** The first offset at or after {@code from} that is known to hold a record for readers of committed ones. */
    OptionalLong next(TopicPartition log, long from) {
        var offset = log(log).ceilingKey(from);
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    /** The operation that sent a value, or empty if there is none. */
    java.util.Optional<Operation> writer(long value) {
        return java.util.Optional.ofNullable(writers.get(value));
    }

    boolean seen(long value) {
        return firstReadNs.containsKey(value);
    }

    OptionalLong firstReadNs(long value) {
        var at = firstReadNs.get(value);
        return at == null ? OptionalLong.empty() : OptionalLong.of(at);
    }

    long sentNs(long value) {
        return sentNs.get(value);
    }

    /** The offset that the producer was told, whatever became of the transaction; else where it was read. */
    Map<Long, Long> offsets(TopicPartition log) {
        var offsets = new HashMap<Long, Long>();
        log(log).forEach((offset, values) -> values.forEach(value -> offsets.putIfAbsent(value, offset)));
        acknowledgements.forEach((value, event) -> {
            if (event.what() instanceof Acknowledge a && a.log().equals(log)) {
                offsets.put(value, a.offset());
            }
        });
        return offsets;
    }

    OptionalLong acknowledgedNs(long value) {
        var event = acknowledgements.get(value);
        return event == null ? OptionalLong.empty() : OptionalLong.of(event.atNs());
    }

    /** Whether an operation's writes took effect: it says so, or somebody has read one of them. */
    boolean committed(Operation operation) {
        return operation.outcome() == Outcome.OK
                || operation.outcome() == Outcome.INFO && operation.sends().anyMatch(s -> seen(s.value()));
    }

    /** When a committed operation has taken effect at the latest. */
    long committedNs(Operation operation) {
        return operation.outcome() == Outcome.OK
                ? operation.completedNs()
                : operation
                        .sends()
                        .flatMapToLong(s -> firstReadNs(s.value()).stream())
                        .min()
                        .orElse(Long.MAX_VALUE);
    }

    void check(Consumer<Anomaly> found) {
        logs.forEach((log, byOffset) -> {
            var offsetsOf = new HashMap<Long, SortedSet<Long>>();
            byOffset.forEach((offset, values) -> {
                if (values.size() > 1) {
                    found.accept(new Anomaly(INCONSISTENT_OFFSETS, log + "/" + offset + " holds " + text(values)));
                }
                values.forEach(value ->
                        offsetsOf.computeIfAbsent(value, v -> new TreeSet<>()).add(offset));
            });
            offsetsOf.forEach((value, offsets) -> {
                if (offsets.size() > 1) {
                    found.accept(
                            new Anomaly(DUPLICATE, Values.text(value) + " is in " + log + " at offsets " + offsets));
                }
            });
        });
    }

    private static List<String> text(Collection<Long> values) {
        return Collections.unmodifiableCollection(values).stream()
                .map(Values::text)
                .toList();
    }
}
