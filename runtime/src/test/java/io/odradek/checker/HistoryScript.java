package io.odradek.checker;

import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Event.Read;
import io.odradek.checker.Event.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Writes a history by hand: each event happens a tick after the one before it. */
final class HistoryScript {
    private final List<Event> events = new ArrayList<>();
    private long ticks;

    History history() {
        return History.of(events);
    }

    Report check() {
        return TransactionChecker.check(history());
    }

    long now() {
        return ticks;
    }

    Process process(String name) {
        return new Process(name);
    }

    HistoryScript end(TopicPartition log, long lastStableOffset, long highWatermark) {
        add("reader", new Event.End(log, lastStableOffset, highWatermark));
        return this;
    }

    private void add(String process, What what) {
        events.add(new Event(process, ++ticks, what));
    }

    final class Process {
        private final String name;

        private Process(String name) {
            this.name = name;
        }

        Process begin() {
            return add(new Event.Invoke(Activity.TRANSACTION));
        }

        /** Sent, and acknowledged at once. */
        Process send(TopicPartition log, long value, long offset) {
            return send(log, value).acknowledged(log, value, offset);
        }

        Process send(TopicPartition log, long value) {
            return add(new Event.Send(log, value));
        }

        Process acknowledged(TopicPartition log, long value, long offset) {
            return add(new Event.Acknowledge(log, value, offset));
        }

        /** @param offsetsAndValues in turn */
        Process poll(TopicPartition log, long... offsetsAndValues) {
            var reads = new ArrayList<Read>();
            for (int i = 0; i < offsetsAndValues.length; i += 2) {
                reads.add(new Read(offsetsAndValues[i], offsetsAndValues[i + 1]));
            }
            return add(new Event.Poll(log, reads));
        }

        Process offsets(String group, TopicPartition log, long position) {
            return add(new Event.Offsets(group, Map.of(log, position)));
        }

        Process asked() {
            return add(new Event.Commit());
        }

        Process ended(Outcome outcome) {
            return add(new Event.Complete(outcome));
        }

        HistoryScript commit() {
            return asked().ended(Outcome.OK).done();
        }

        HistoryScript abort() {
            return ended(Outcome.FAIL).done();
        }

        /** The commit was asked for, and nobody heard the answer. */
        HistoryScript unknown() {
            return asked().ended(Outcome.INFO).done();
        }

        /** A poll outside of a transaction, as an operation of its own. */
        HistoryScript read(TopicPartition log, long... offsetsAndValues) {
            return add(new Event.Invoke(Activity.POLL))
                    .poll(log, offsetsAndValues)
                    .ended(Outcome.OK)
                    .done();
        }

        HistoryScript assigned(String group, TopicPartition log, long position) {
            return assigned(group, ++ticks, log, position);
        }

        HistoryScript assigned(String group, long since, TopicPartition log, long position) {
            return add(new Event.Invoke(Activity.POLL))
                    .add(new Event.Assign(group, since, Map.of(log, position)))
                    .ended(Outcome.OK)
                    .done();
        }

        HistoryScript sought(TopicPartition log, long position) {
            return add(new Event.Invoke(Activity.POLL))
                    .add(new Event.Seek(Map.of(log, position)))
                    .ended(Outcome.OK)
                    .done();
        }

        HistoryScript revoked(TopicPartition log) {
            return add(new Event.Invoke(Activity.POLL))
                    .add(new Event.Revoke(Set.of(log)))
                    .ended(Outcome.OK)
                    .done();
        }

        HistoryScript opened() {
            return add(new Event.Open()).done();
        }

        HistoryScript done() {
            return HistoryScript.this;
        }

        private Process add(What what) {
            HistoryScript.this.add(name, what);
            return this;
        }
    }
}
