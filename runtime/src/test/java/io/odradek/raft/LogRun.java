package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jgroups.Address;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.util.ExtendedUUID;

/** Drives a log with random calls of the kind that jgroups-raft makes, and knows what it must contain. */
final class LogRun {
    static final LogIdentity OWNER = new LogIdentity("cluster", 1);
    static final int SEGMENT_BYTES = 1500;
    private static final List<Address> CANDIDATES = List.of(
            ExtendedUUID.randomUUID("A").put("raft-id", "A".getBytes(StandardCharsets.UTF_8)),
            ExtendedUUID.randomUUID("B").put("raft-id", "B".getBytes(StandardCharsets.UTF_8)));

    /** What must be found again. {@code votes}: the last one cast, and none if it was withdrawn since. */
    record Content(
            long snapshotIndex, String snapshot, List<String> entries, long term, List<Optional<Address>> votes) {
        long lastIndex() {
            return snapshotIndex + entries.size();
        }

        long termAt(long index) {
            return index <= snapshotIndex
                    ? Long.parseLong(snapshot.substring(snapshot.indexOf('/') + 1))
                    : Long.parseLong(
                            entries.get((int) (index - snapshotIndex - 1)).split("/")[0]);
        }

        /** The same log behind that snapshot, of which it may have known nothing yet. */
        Content behind(Content other) {
            int covered = (int) (other.snapshotIndex - snapshotIndex);
            return covered < 0 || covered > entries.size()
                    ? this
                    : new Content(
                            other.snapshotIndex, other.snapshot, entries.subList(covered, entries.size()), term, votes);
        }

        boolean matches(Content found) {
            return snapshotIndex == found.snapshotIndex
                    && snapshot.equals(found.snapshot)
                    && entries.equals(found.entries)
                    && term == found.term
                    && votes.containsAll(found.votes);
        }
    }

    static final Content EMPTY = new Content(0, "0/0", List.of(), 0, List.of(Optional.empty()));

    private final Random random;
    private final RaftLog log;
    private Content acknowledged;
    private Content attempted;
    private long commitIndex;
    private int commands;
    private Optional<SnapshotDraft> draft = Optional.empty();

    LogRun(RaftLog log, long seed, Content content) {
        this.log = log;
        this.random = new Random(seed);
        this.acknowledged = content;
        this.attempted = content;
        this.commitIndex = log.commitIndex();
    }

    static RaftLog open(LogStorage storage) {
        var log = new RaftLog(storage, OWNER, SEGMENT_BYTES, new FailStop(failure -> {}));
        log.init("", null);
        return log;
    }

    Content acknowledged() {
        return acknowledged;
    }

    /** What the call that did not return was about to make; the acknowledged content when all returned. */
    Content attempted() {
        return attempted;
    }

    /** One random call. */
    void step() {
        int choice = random.nextInt(20);
        if (choice < 9) {
            append();
        } else if (choice < 11) {
            attempt(withTerm(acknowledged.term + 1 + random.nextInt(2)), () -> log.currentTerm(attempted.term));
        } else if (choice < 13) {
            vote();
        } else if (choice < 16) {
            commitIndex =
                    Math.max(commitIndex, acknowledged.snapshotIndex + random.nextInt(acknowledged.entries.size() + 1));
            log.commitIndex(commitIndex);
        } else if (choice < 17) {
            truncate();
        } else if (choice < 19) {
            snapshot();
        } else {
            installSnapshot();
        }
        check(log);
    }

    private void append() {
        var entries = new LogEntries();
        var added = new ArrayList<>(acknowledged.entries);
        long term = Math.max(acknowledged.term, 1);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            var command = "%d-%s"
                    .formatted(++commands, "x".repeat(random.nextInt(300)))
                    .getBytes(StandardCharsets.UTF_8);
            boolean internal = random.nextInt(8) == 0;
            entries.add(new LogEntry(term, command, 0, command.length, internal));
            added.add(text(term, internal, command));
        }
        attempt(
                new Content(acknowledged.snapshotIndex, acknowledged.snapshot, added, term, acknowledged.votes),
                () -> assertEquals(attempted.lastIndex(), log.append(acknowledged.lastIndex() + 1, entries)));
    }

    private void vote() {
        var vote = CANDIDATES.get(random.nextInt(2));
        if (random.nextInt(3) == 0) {
            var votes = new ArrayList<>(acknowledged.votes);
            votes.add(Optional.empty());
            attempt(withVotes(votes), () -> log.votedFor(null));
        } else {
            attempt(withVotes(List.of(Optional.of(vote))), () -> log.votedFor(vote));
        }
    }

    private void truncate() {
        if (acknowledged.lastIndex() > commitIndex) {
            long from = commitIndex + 1 + random.nextInt((int) (acknowledged.lastIndex() - commitIndex));
            var kept = acknowledged.entries.subList(0, (int) (from - acknowledged.snapshotIndex - 1));
            attempt(
                    new Content(
                            acknowledged.snapshotIndex,
                            acknowledged.snapshot,
                            kept,
                            acknowledged.term,
                            acknowledged.votes),
                    () -> log.deleteAllEntriesStartingFrom(from));
        }
    }

    /** At once, or begun now and made valid some calls later, as by a thread of its own. */
    private void snapshot() {
        if (draft.isPresent()) {
            var begun = draft.get();
            draft = Optional.empty();
            adopt(begun);
        } else if (random.nextBoolean() && commitIndex > acknowledged.snapshotIndex) {
            var data = commitIndex + "/" + acknowledged.termAt(commitIndex);
            attempt(acknowledged, () -> {
                var begun = log.draftOfOwn(commitIndex);
                begun.write(out -> out.write(data.getBytes(StandardCharsets.UTF_8)));
                begun.complete();
                draft = Optional.of(begun);
            });
        } else {
            snapshotAtOnce();
        }
    }

    private void adopt(SnapshotDraft begun) {
        if (begun.index() <= acknowledged.snapshotIndex) {
            assertFalse(log.adopt(begun), "one that covers more is there");
            begun.discard();
            return;
        }
        var kept = acknowledged.entries.subList(
                (int) (begun.index() - acknowledged.snapshotIndex), acknowledged.entries.size());
        var data = begun.index() + "/" + begun.term();
        attempt(
                new Content(begun.index(), data, kept, acknowledged.term, acknowledged.votes),
                () -> assertTrue(log.adopt(begun)));
    }

    private void snapshotAtOnce() {
        var kept = acknowledged.entries.subList(
                (int) (commitIndex - acknowledged.snapshotIndex), acknowledged.entries.size());
        var data = commitIndex + "/" + acknowledged.termAt(commitIndex);
        attempt(new Content(commitIndex, data, kept, acknowledged.term, acknowledged.votes), () -> {
            log.setSnapshot(ByteBuffer.wrap(data.getBytes(StandardCharsets.UTF_8)));
            log.truncate(commitIndex);
        });
    }

    private void installSnapshot() {
        long index = commitIndex + random.nextInt(10);
        if (index > 0) {
            long term = Math.max(1, acknowledged.term);
            var data = index + "/" + term;
            attempt(new Content(index, data, List.of(), term, acknowledged.votes), () -> {
                log.setSnapshot(ByteBuffer.wrap(data.getBytes(StandardCharsets.UTF_8)));
                log.reinitializeTo(index, new LogEntry(term, null));
            });
            commitIndex = index;
        }
    }

    private Content withTerm(long term) {
        return new Content(
                acknowledged.snapshotIndex, acknowledged.snapshot, acknowledged.entries, term, acknowledged.votes);
    }

    private Content withVotes(List<Optional<Address>> votes) {
        return new Content(
                acknowledged.snapshotIndex, acknowledged.snapshot, acknowledged.entries, acknowledged.term, votes);
    }

    private void attempt(Content content, Runnable call) {
        attempted = content;
        call.run();
        acknowledged = content;
    }

    private void check(RaftLog open) {
        var found = read(open);
        assertTrue(acknowledged.matches(found), () -> "expected " + acknowledged + ", found " + found);
    }

    /** Everything in a log, read entry by entry. */
    static Content read(RaftLog log) {
        long first = log.firstAppended();
        var entries = new ArrayList<String>();
        for (long i = first + 1; i <= log.lastAppended(); i++) {
            var entry = log.get(i);
            var command = new byte[entry.length()];
            System.arraycopy(entry.command(), entry.offset(), command, 0, entry.length());
            entries.add(text(entry.term(), entry.internal(), command));
        }
        assertNull(log.get(log.lastAppended() + 1));
        assertNull(log.get(first - 1));
        var snapshot = log.getSnapshot();
        assertEquals(first == 0 && snapshot == null, snapshot == null);
        if (snapshot != null && first > 0) {
            assertEquals(
                    "%d/%d".formatted(first, log.get(first).term()),
                    StandardCharsets.UTF_8.decode(snapshot.duplicate()).toString());
        }
        assertTrue(log.commitIndex() >= first && log.commitIndex() <= log.lastAppended());
        assertFalse(log.lastAppended() < first);
        return new Content(
                first,
                snapshot == null
                        ? "0/0"
                        : StandardCharsets.UTF_8.decode(snapshot).toString(),
                entries,
                log.currentTerm(),
                List.of(Optional.ofNullable(log.votedFor())));
    }

    private static String text(long term, boolean internal, byte[] command) {
        return term + "/" + internal + "/" + new String(command, StandardCharsets.UTF_8);
    }
}
