package io.odradek.replication;

import io.odradek.log.LogId;
import io.odradek.log.MemoryLog;
import io.odradek.metadata.MetadataImage;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What must hold after every step of a simulation. */
final class ReplicationChecker {
    /** By partition: what was committed, that is, has been below the high watermark of a leader. */
    private final Map<LogId, Truth> committed = new HashMap<>();
    /** By partition, leader epoch and offset: what was appended by a leader. */
    private final Map<LogId, Map<Position, Long>> appended = new HashMap<>();

    private final Map<LogId, Map<Integer, Integer>> leaders = new HashMap<>();
    private final Map<LeaderReplica, Long> highWatermarks = new IdentityHashMap<>();
    /** By log: how far it has been looked at; it need not be looked at again until it is truncated. */
    private final Map<MemoryLog, Seen> seen = new IdentityHashMap<>();

    private long checked;

    private record Committed(int epoch, long record) {}

    private static final class Truth {
        private final TreeMap<Long, Committed> byOffset = new TreeMap<>();
        private long deletedBelow;
        /** Grows when something is committed before what has been seen already. */
        private int revision;
    }

    private static final class Seen {
        private int truncations = -1;
        private int revision;
        private long belowHighWatermark;
        private long committed;
    }

    private record Position(int epoch, long offset) {}

    static final class Violation extends AssertionError {
        Violation(String what) {
            super(what);
        }
    }

    void appended(LogId log, MemoryLog.Entry entry) {
        var before = appended.computeIfAbsent(log, l -> new HashMap<>())
                .put(new Position(entry.epoch(), entry.offset()), entry.record());
        require(before == null, "%s: two records at offset %s of epoch %s", log, entry.offset(), entry.epoch());
    }

    /** A producer was told that its record is safe. */
    void acknowledged(LogId log, MemoryLog.Entry entry) {
        commit(log, entry);
    }

    private void commit(LogId log, MemoryLog.Entry entry) {
        var truth = committed.computeIfAbsent(log, l -> new Truth());
        var before = truth.byOffset.get(entry.offset());
        if (before == null) {
            if (!truth.byOffset.isEmpty() && truth.byOffset.lastKey() > entry.offset()) {
                truth.revision++;
            }
            truth.byOffset.put(entry.offset(), new Committed(entry.epoch(), entry.record()));
            return;
        }
        require(
                before.record == entry.record(),
                "%s: at offset %s both %s and %s were committed",
                log,
                entry.offset(),
                before,
                entry);
    }

    void deleted(LogId log, long below) {
        var truth = committed.get(log);
        if (truth != null) {
            truth.deletedBelow = Math.max(truth.deletedBelow, below);
        }
    }

    /**
     * @param brokers by id, from 1 on
     * @param spoilt whether a member of an ISR has lost something through a crash of which the metadata does not know yet
     */
    void check(MetadataImage image, List<SimulatedBroker> brokers, Spoilt spoilt) {
        long state = fingerprint(image, brokers);
        if (state == checked) {
            return;
        }
        checked = state;
        for (var broker : brokers) {
            for (var leader : broker.leaders().entrySet()) {
                if (broker.isAlive()) {
                    checkLeader(broker, leader.getKey(), leader.getValue());
                }
            }
            for (var log : broker.logs().entrySet()) {
                checkBelowHighWatermark(broker, log.getKey(), log.getValue());
            }
        }
        for (var topic : image.topics().all()) {
            for (var partition : topic.partitions()) {
                var log = new LogId(topic.name(), partition.partition(), topic.id());
                for (int member : partition.isr()) {
                    if (!spoilt.is(log, member)) {
                        checkHasCommitted(brokers.get(member - 1), log);
                    }
                }
            }
        }
    }

    /** Of everything that is looked at: most steps are messages that change none of it. */
    private static long fingerprint(MetadataImage image, List<SimulatedBroker> brokers) {
        long state = image.appliedIndex();
        for (var broker : brokers) {
            state = 31 * state + (broker.isAlive() ? 1 : 0);
            for (var log : broker.logs().values()) {
                state = 31 * state + log.logStartOffset();
                state = 31 * state + log.logEndOffset();
                state = 31 * state + log.highWatermark();
                state = 31 * state + log.truncations();
            }
            for (var leader : broker.leaders().values()) {
                state = 31 * state + leader.leaderEpoch();
                state = 31 * state + leader.highWatermark();
            }
        }
        return state;
    }

    @FunctionalInterface
    interface Spoilt {
        boolean is(LogId log, int broker);
    }

    private void checkLeader(SimulatedBroker broker, LogId log, LeaderReplica leader) {
        long highWatermark = leader.highWatermark();
        var before = highWatermarks.put(leader, highWatermark);
        if (before == null) {
            var known =
                    leaders.computeIfAbsent(log, l -> new HashMap<>()).putIfAbsent(leader.leaderEpoch(), broker.id());
            require(
                    known == null || known == broker.id(),
                    "%s: both %s and %s lead in epoch %s",
                    log,
                    known,
                    broker.id(),
                    leader.leaderEpoch());
        } else if (before > highWatermark) {
            throw new Violation(String.format(
                    "%s: the high watermark of leader %s went back from %s to %s",
                    log, broker.id(), before, highWatermark));
        }
        if (before == null || before < highWatermark) {
            var files = broker.logs().get(log);
            for (long offset = Math.max(files.logStartOffset(), before == null ? 0 : before);
                    offset < highWatermark;
                    offset++) {
                commit(log, files.at(offset));
            }
        }
    }

    private Seen seen(Truth truth, MemoryLog files) {
        var known = seen.computeIfAbsent(files, f -> new Seen());
        if (known.truncations != files.truncations() || known.revision != truth.revision) {
            known.truncations = files.truncations();
            known.revision = truth.revision;
            known.belowHighWatermark = 0;
            known.committed = 0;
        }
        return known;
    }

    private void checkBelowHighWatermark(SimulatedBroker broker, LogId log, MemoryLog files) {
        var truth = committed.get(log);
        if (truth == null) {
            return;
        }
        var known = seen(truth, files);
        for (long offset = Math.max(files.logStartOffset(), known.belowHighWatermark);
                offset < files.highWatermark();
                offset++) {
            var entry = files.at(offset);
            var expected = truth.byOffset.get(offset);
            if (expected == null) {
                // Its leader has resigned or crashed in the step in which it knew.
                commit(log, entry);
            } else if (expected.record != entry.record() || expected.epoch != entry.epoch()) {
                throw new Violation(String.format(
                        "%s: below its high watermark %s broker %s has %s, but %s is committed",
                        log, files.highWatermark(), broker.id(), entry, expected));
            }
        }
        known.belowHighWatermark = files.highWatermark();
    }

    private void checkHasCommitted(SimulatedBroker broker, LogId log) {
        var truth = committed.get(log);
        if (truth == null || truth.byOffset.isEmpty()) {
            return;
        }
        var files = broker.logs().get(log);
        require(files != null, "%s: broker %s is in sync without a log", log, broker.id());
        var known = seen(truth, files);
        long last = truth.byOffset.lastKey();
        for (long offset = Math.max(truth.deletedBelow, known.committed); offset <= last; offset++) {
            var expected = truth.byOffset.get(offset);
            var entry = files.at(offset);
            require(
                    expected == null || entry != null && entry.record() == expected.record,
                    "%s: committed record %s at %s is not on broker %s, which is in sync and has %s",
                    log,
                    expected,
                    offset,
                    broker.id(),
                    files);
        }
        known.committed = last + 1;
    }

    /** How many records were committed. */
    int committed() {
        return committed.values().stream().mapToInt(t -> t.byOffset.size()).sum();
    }

    private static void require(boolean holds, String what, Object... args) {
        if (!holds) {
            throw new Violation(String.format(what, args));
        }
    }
}
