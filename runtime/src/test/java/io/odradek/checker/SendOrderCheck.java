package io.odradek.checker;

import static io.odradek.checker.Anomaly.Kind.EXTERNAL_NONMONOTONIC_SEND;
import static io.odradek.checker.Anomaly.Kind.INTERNAL_NONMONOTONIC_SEND;
import static io.odradek.checker.Anomaly.Kind.REALTIME_NONMONOTONIC_SEND;

import io.odradek.checker.Event.Send;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/** What was sent later has the higher offset: within an operation, within a process, and against the clock. */
final class SendOrderCheck {
    private record Placed(Send send, Operation operation, long offset) {}

    private final History history;
    private final Versions versions;
    private final Consumer<Anomaly> found;

    SendOrderCheck(History history, Versions versions, Consumer<Anomaly> found) {
        this.history = history;
        this.versions = versions;
        this.found = found;
    }

    void check() {
        var offsets = new HashMap<TopicPartition, Map<Long, Long>>();
        var last = new HashMap<String, Map<TopicPartition, Placed>>();
        for (var operation : history.operations()) {
            operation.sends().forEach(send -> {
                var offset =
                        offsets.computeIfAbsent(send.log(), versions::offsets).get(send.value());
                if (offset != null) {
                    var placed = new Placed(send, operation, offset);
                    var before = last.computeIfAbsent(operation.process(), p -> new HashMap<>())
                            .put(send.log(), placed);
                    if (before != null && before.offset >= offset) {
                        nonmonotonic(before, placed);
                    }
                }
            });
        }
        offsets.forEach(this::checkAgainstClock);
    }

    private void nonmonotonic(Placed before, Placed after) {
        var internal = before.operation == after.operation;
        found.accept(new Anomaly(
                internal ? INTERNAL_NONMONOTONIC_SEND : EXTERNAL_NONMONOTONIC_SEND,
                after.operation + " sent " + Values.text(after.send.value()) + " to " + after.send.log() + "/"
                        + after.offset + " after " + Values.text(before.send.value()) + " to " + before.offset));
    }

    private void checkAgainstClock(TopicPartition log, Map<Long, Long> offsets) {
        var byOffset = offsets.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
        long lastSentNs = Long.MIN_VALUE;
        long lastSent = 0;
        for (var value : byOffset) {
            if (versions.writer(value).isEmpty()) {
                continue;
            }
            var acknowledged = versions.acknowledgedNs(value);
            if (acknowledged.isPresent() && acknowledged.getAsLong() < lastSentNs) {
                found.accept(new Anomaly(
                        REALTIME_NONMONOTONIC_SEND,
                        Values.text(value) + " was acknowledged before " + Values.text(lastSent)
                                + " was sent, but comes after it in " + log));
            }
            if (versions.sentNs(value) > lastSentNs) {
                lastSentNs = versions.sentNs(value);
                lastSent = value;
            }
        }
    }
}
