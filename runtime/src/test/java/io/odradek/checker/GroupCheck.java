package io.odradek.checker;

import static io.odradek.checker.Anomaly.Kind.ABORTED_POSITION;
import static io.odradek.checker.Anomaly.Kind.DUPLICATE_CONSUMPTION;
import static io.odradek.checker.Anomaly.Kind.PHANTOM_POSITION;
import static io.odradek.checker.Anomaly.Kind.SKIPPED_CONSUMPTION;
import static io.odradek.checker.Anomaly.Kind.STALE_POSITION;
import static io.odradek.checker.Anomaly.Kind.TORN_TRANSACTION;

import io.odradek.checker.Event.Assign;
import io.odradek.checker.Event.Offsets;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Event.Poll;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/**
 * A group's position in a log only goes forward, comes from a commit and never from an aborted one; and with transactions
 * every record before it was consumed exactly once.
 */
final class GroupCheck {
    private record Key(String group, TopicPartition log) {}

    /** @param fromNs when others may see it at the earliest, {@link Long#MAX_VALUE} for never */
    private record Commit(Operation operation, long position, long fromNs) {}

    private record Fetch(Operation operation, long position, long sinceNs, long atNs) {}

    private final History history;
    private final Versions versions;
    private final Consumer<Anomaly> found;
    private final Map<Key, List<Commit>> commits = new HashMap<>();
    private final Map<Key, List<Fetch>> fetches = new HashMap<>();

    GroupCheck(History history, Versions versions, Consumer<Anomaly> found) {
        this.history = history;
        this.versions = versions;
        this.found = found;
    }

    void check() {
        for (var operation : history.operations()) {
            for (var step : operation.steps()) {
                if (step.what() instanceof Offsets offsets) {
                    var from = operation.visibleFromNs(step).orElse(Long.MAX_VALUE);
                    offsets.positions().forEach((log, position) -> list(commits, offsets.group(), log)
                            .add(new Commit(operation, position, from)));
                } else if (step.what() instanceof Assign assign) {
                    assign.positions().forEach((log, position) -> list(fetches, assign.group(), log)
                            .add(new Fetch(operation, position, assign.sinceNs(), step.atNs())));
                }
            }
        }
        fetches.forEach((key, ofKey) -> checkFetches(key, ofKey, commits.getOrDefault(key, List.of())));
        commits.forEach(this::checkConsumption);
    }

    private static <T> List<T> list(Map<Key, List<T>> map, String group, TopicPartition log) {
        return map.computeIfAbsent(new Key(group, log), k -> new ArrayList<>());
    }

    private void checkFetches(Key key, List<Fetch> fetches, List<Commit> commits) {
        checkStaleness(key, fetches, commits);
        var byPosition = commits.stream().collect(Collectors.groupingBy(Commit::position));
        for (var fetch : fetches) {
            if (fetch.position == 0) {
                continue;
            }
            var from = byPosition.getOrDefault(fetch.position, List.of());
            var possible = from.stream()
                    .filter(c -> c.operation.outcome() != Outcome.FAIL && c.fromNs <= fetch.atNs)
                    .toList();
            if (from.isEmpty()) {
                add(PHANTOM_POSITION, key, fetch, "nobody committed it");
            } else if (possible.isEmpty()) {
                add(ABORTED_POSITION, key, fetch, "it comes from " + from.get(0).operation);
            } else if (possible.size() == 1) {
                checkWhole(key, fetch, possible.get(0).operation);
            }
        }
    }

    /** Its offsets took effect, so its records must be there too. */
    private void checkWhole(Key key, Fetch fetch, Operation operation) {
        var missing = operation
                .sends()
                .filter(s -> history.ends().containsKey(s.log()) && !versions.seen(s.value()))
                .findFirst();
        if (operation.outcome() == Outcome.INFO && missing.isPresent()) {
            add(
                    TORN_TRANSACTION,
                    key,
                    fetch,
                    operation + " lacks " + Values.text(missing.get().value()));
        }
    }

    private void checkStaleness(Key key, List<Fetch> fetches, List<Commit> commits) {
        record Known(long atNs, long position, Operation by) {}
        var known = new ArrayList<Known>();
        commits.stream()
                .filter(c -> versions.committed(c.operation))
                .forEach(c -> known.add(new Known(versions.committedNs(c.operation), c.position, c.operation)));
        fetches.forEach(f -> known.add(new Known(f.atNs, f.position, f.operation)));
        known.sort(Comparator.comparingLong(Known::atNs));
        var inTurn = fetches.stream()
                .sorted(Comparator.comparingLong(Fetch::sinceNs))
                .toList();
        int next = 0;
        Known highest = null;
        for (var fetch : inTurn) {
            for (; next < known.size() && known.get(next).atNs < fetch.sinceNs; next++) {
                if (highest == null || known.get(next).position > highest.position) {
                    highest = known.get(next);
                }
            }
            if (highest != null && fetch.position < highest.position) {
                add(STALE_POSITION, key, fetch, "it was at " + highest.position + " by " + highest.by);
            }
        }
    }

    private void checkConsumption(Key key, List<Commit> commits) {
        long end = commits.stream()
                .filter(c -> versions.committed(c.operation))
                .mapToLong(Commit::position)
                .max()
                .orElse(0);
        var certain = new TreeMap<Long, Set<Operation>>();
        var possible = new HashSet<Long>();
        for (var commit : commits) {
            if (commit.operation.outcome() == Outcome.FAIL) {
                continue;
            }
            commit.operation
                    .steps(Poll.class)
                    .filter(p -> p.log().equals(key.log))
                    .flatMap(p -> p.reads().stream())
                    .filter(r -> r.offset() < commit.position)
                    .forEach(read -> {
                        possible.add(read.offset());
                        if (commit.operation.isTransaction() && versions.committed(commit.operation)) {
                            certain.computeIfAbsent(read.offset(), o -> new LinkedHashSet<>())
                                    .add(commit.operation);
                        }
                    });
        }
        certain.forEach((offset, by) -> {
            if (by.size() > 1) {
                found.accept(new Anomaly(
                        DUPLICATE_CONSUMPTION, key.group + " consumed " + key.log + "/" + offset + " in " + by));
            }
        });
        for (var offset : versions.log(key.log).headMap(end, false).keySet()) {
            if (!possible.contains(offset)) {
                found.accept(new Anomaly(
                        SKIPPED_CONSUMPTION,
                        key.group + " is at " + key.log + "/" + end + " and never consumed " + offset));
            }
        }
    }

    private void add(Anomaly.Kind kind, Key key, Fetch fetch, String why) {
        found.accept(new Anomaly(
                kind, fetch.operation + " found " + key.group + " at " + key.log + "/" + fetch.position + ": " + why));
    }
}
