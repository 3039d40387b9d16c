package io.odradek.checker;

import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Commit;
import io.odradek.checker.Event.Offsets;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Event.Send;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What one process did from an invocation to its completion.
 *
 * @param index its place among all operations of the history, by invocation
 * @param steps events between the two, in order, without acknowledgements
 * @param completedNs {@link Long#MAX_VALUE} if it never was
 */
record Operation(
        int index,
        String process,
        Activity activity,
        Outcome outcome,
        long invokedNs,
        long completedNs,
        List<Event> steps) {

    boolean isTransaction() {
        return activity == Activity.TRANSACTION;
    }

    <T extends Event.What> Stream<T> steps(Class<T> type) {
        return steps.stream().map(Event::what).filter(type::isInstance).map(type::cast);
    }

    Stream<Send> sends() {
        return steps(Send.class);
    }

    /** When others may see the positions of this step at the earliest; empty if never. */
    OptionalLong visibleFromNs(Event offsets) {
        if (!(offsets.what() instanceof Offsets)) {
            throw new IllegalArgumentException("not offsets: " + offsets);
        }
        return isTransaction() ? commitNs() : OptionalLong.of(offsets.atNs());
    }

    /** When the transaction's commit was asked for; empty if it never was. */
    OptionalLong commitNs() {
        return steps.stream()
                .filter(e -> e.what() instanceof Commit)
                .mapToLong(Event::atNs)
                .findFirst();
    }

    /** Each is one of a kind, and comparing all its steps would take long. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return index;
    }

    @Override
    public String toString() {
        return process + "#" + index + "(" + outcome + ")";
    }
}
