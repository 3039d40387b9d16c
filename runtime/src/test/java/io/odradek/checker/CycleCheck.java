package io.odradek.checker;

import static io.odradek.checker.Anomaly.Kind.G0;
import static io.odradek.checker.Anomaly.Kind.G1C;

import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Event.Poll;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Circles among committed transactions, as in Adya's classification.
 *
 * <p>G0: each wrote before the next to some log. Kafka lets open transactions write to one log in any order, so this is
 * counted but legal, as in Jepsen's checker.
 *
 * <p>G1c: each read what the one before wrote, or began after the one before was done (in real time, or in the same
 * process). A reader of committed records sees a transaction only once it is committed, so all these edges go forward in
 * the order of commits.
 */
final class CycleCheck {
    private final List<Operation> transactions;
    private final Versions versions;
    private final Consumer<Anomaly> found;

    CycleCheck(History history, Versions versions, Consumer<Anomaly> found) {
        this.transactions = history.operations().stream()
                .filter(o -> o.isTransaction() && versions.committed(o))
                .toList();
        this.versions = versions;
        this.found = found;
    }

    void check() {
        var places = new HashMap<Operation, Integer>();
        for (int i = 0; i < transactions.size(); i++) {
            places.put(transactions.get(i), i);
        }
        writesBeforeWrites(places).cycles().forEach(cycle -> found.accept(new Anomaly(G0, text(cycle))));
        var graph = new Digraph();
        for (var reader : transactions) {
            reader.steps(Poll.class).flatMap(p -> p.reads().stream()).forEach(read -> versions.writer(read.value())
                    .map(places::get)
                    .filter(writer -> !transactions.get(writer).equals(reader))
                    .ifPresent(writer -> graph.edge(writer, places.get(reader))));
        }
        processOrder(graph);
        realTime(graph);
        graph.cycles().forEach(cycle -> found.accept(new Anomaly(G1C, text(cycle))));
    }

    private Digraph writesBeforeWrites(HashMap<Operation, Integer> places) {
        var graph = new Digraph();
        for (var log : versions.logs()) {
            Integer before = null;
            for (var values : versions.log(log).values()) {
                var writer = versions.writer(values.first()).map(places::get).orElse(null);
                if (before != null && writer != null && !before.equals(writer)) {
                    graph.edge(before, writer);
                }
                before = writer == null ? before : writer;
            }
        }
        return graph;
    }

    private void processOrder(Digraph graph) {
        var last = new HashMap<String, Integer>();
        for (int i = 0; i < transactions.size(); i++) {
            var before = last.put(transactions.get(i).process(), i);
            if (before != null) {
                graph.edge(before, i);
            }
        }
    }

    /** A chain of moments, so that a million pairs need no million edges: what is done leads to it, what begins comes from it. */
    private void realTime(Digraph graph) {
        record Moment(long atNs, boolean begins, int transaction) {}
        var moments = new ArrayList<Moment>();
        for (int i = 0; i < transactions.size(); i++) {
            var t = transactions.get(i);
            moments.add(new Moment(t.invokedNs(), true, i));
            if (t.outcome() == Outcome.OK) {
                moments.add(new Moment(t.completedNs(), false, i));
            }
        }
        moments.sort((a, b) -> Long.compare(a.atNs, b.atNs));
        int node = transactions.size();
        for (var moment : moments) {
            if (moment.begins) {
                graph.edge(node, moment.transaction);
            } else {
                graph.edge(moment.transaction, node + 1);
                graph.edge(node, node + 1);
                node++;
            }
        }
    }

    private String text(List<Integer> cycle) {
        return cycle.stream()
                .map(n -> n < transactions.size() ? transactions.get(n).toString() : "then")
                .distinct()
                .collect(Collectors.joining(" -> "));
    }
}
