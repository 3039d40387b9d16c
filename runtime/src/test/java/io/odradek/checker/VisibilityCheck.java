package io.odradek.checker;

import static io.odradek.checker.Anomaly.Kind.ABORTED_READ;
import static io.odradek.checker.Anomaly.Kind.HANGING_TRANSACTION;
import static io.odradek.checker.Anomaly.Kind.LOST_WRITE;
import static io.odradek.checker.Anomaly.Kind.PHANTOM;
import static io.odradek.checker.Anomaly.Kind.TORN_TRANSACTION;
import static io.odradek.checker.Anomaly.Kind.UNCOMMITTED_READ;

import io.odradek.checker.Event.Acknowledge;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Event.Send;
import java.util.HashSet;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/** All of a committed transaction can be read, nothing of an aborted one, and nothing before its time. */
final class VisibilityCheck {
    private final History history;
    private final Versions versions;
    private final Consumer<Anomaly> found;

    VisibilityCheck(History history, Versions versions, Consumer<Anomaly> found) {
        this.history = history;
        this.versions = versions;
        this.found = found;
    }

    void check() {
        versions.logs().forEach(this::checkReads);
        history.operations().stream().filter(versions::committed).forEach(this::checkWrites);
        history.ends()
                .values()
                .forEach(ends -> ends.forEach(end -> {
                    if (end.lastStableOffset() < end.highWatermark()) {
                        add(
                                HANGING_TRANSACTION,
                                end.log() + " ends at " + end.highWatermark() + ", readable to "
                                        + end.lastStableOffset());
                    }
                }));
    }

    private void checkReads(TopicPartition log) {
        var values = new HashSet<Long>();
        versions.log(log).values().forEach(values::addAll);
        for (var value : values) {
            var read = versions.firstReadNs(value);
            var writer = versions.writer(value);
            if (writer.isEmpty()) {
                add(PHANTOM, Values.text(value) + " in " + log);
            } else if (read.isEmpty()) {
                continue;
            } else if (writer.get().outcome() == Outcome.FAIL) {
                add(ABORTED_READ, Values.text(value) + " in " + log + " of " + writer.get());
            } else {
                var commit = writer.get().commitNs();
                if (commit.isEmpty() || read.getAsLong() < commit.getAsLong()) {
                    add(UNCOMMITTED_READ, Values.text(value) + " in " + log + " of " + writer.get());
                }
            }
        }
    }

    private void checkWrites(Operation operation) {
        var unseen = operation
                .sends()
                .filter(s -> !versions.seen(s.value()) && mustBeSeen(s))
                .toList();
        if (unseen.isEmpty()) {
            return;
        }
        if (operation.sends().anyMatch(s -> versions.seen(s.value()))) {
            add(
                    TORN_TRANSACTION,
                    operation + " lacks " + text(unseen.get(0)) + " and " + (unseen.size() - 1) + " more");
        }
        if (operation.outcome() == Outcome.OK) {
            unseen.forEach(s -> add(LOST_WRITE, text(s) + " of " + operation));
        }
    }

    /** Whether somebody has read further than this record, or to the log's end. */
    private boolean mustBeSeen(Send send) {
        if (history.ends().containsKey(send.log())) {
            return true;
        }
        var acknowledged = history.acknowledgements().get(send.value());
        return acknowledged != null
                && acknowledged.what() instanceof Acknowledge a
                && versions.log(send.log()).tailMap(a.offset(), false).values().stream()
                        .anyMatch(later -> later.stream().anyMatch(versions::seen));
    }

    private static String text(Send send) {
        return Values.text(send.value()) + " in " + send.log();
    }

    private void add(Anomaly.Kind kind, String description) {
        found.accept(new Anomaly(kind, description));
    }
}
