package io.odradek.raft;

import java.io.IOException;
import java.util.TreeSet;

/**
 * Opens a log after whatever happened to it. A last write that was not completed is cut off: it had been acknowledged to nobody.
 * Anything else that is not as it was written is refused, with the file and the position.
 */
final class LogRecovery {
    private final LogStorage storage;
    private final LogIdentity owner;
    private final Journal journal;
    private int previousEnd;

    /** What was found. */
    record Recovered(Journal journal, LogState state, SnapshotId snapshot) {}

    private record Covered(SnapshotId snapshot, long firstSegment) {
        static final Covered NOTHING = new Covered(SnapshotId.NONE, 1);
    }

    private LogRecovery(LogStorage storage, LogIdentity owner, Journal journal) {
        this.storage = storage;
        this.owner = owner;
        this.journal = journal;
    }

    /**
     * @throws RaftException when the files are damaged, another node's, of a newer format or not accessible
     */
    static Recovered recover(LogStorage storage, LogIdentity owner, int segmentBytes, FailStop failStop) {
        var journal = new Journal(storage, failStop, owner, segmentBytes);
        try {
            return new LogRecovery(storage, owner, journal).run();
        } catch (IOException e) {
            close(journal, e);
            throw new RaftException("Raft log " + storage.location() + " cannot be opened: " + e, e);
        } catch (DamagedFileException e) {
            close(journal, e);
            throw e.refusingToStart(storage.location());
        } catch (RuntimeException e) {
            close(journal, e);
            throw e;
        }
    }

    private Recovered run() throws IOException {
        // A crash may have left a rename in memory only: what is about to be believed must first be durable.
        storage.syncDirectory();
        var numbers = new TreeSet<Long>();
        for (var name : storage.list()) {
            if (name.endsWith(Journal.TEMPORARY_SUFFIX)) {
                storage.delete(name);
            } else if (name.endsWith(Journal.SEGMENT_SUFFIX)) {
                numbers.add(number(name));
            }
        }
        var covered = covered();
        var snapshot = covered.snapshot();
        long first = covered.firstSegment();
        for (var number : numbers.headSet(first)) {
            storage.delete(Journal.fileName(number));
        }
        var state = new LogState(snapshot.index(), snapshot.term());
        var live = numbers.tailSet(first);
        if (covered.equals(Covered.NOTHING) && !live.isEmpty() && live.first() > first) {
            throw new DamagedFileException("Raft log " + storage.location() + "/" + SnapshotFile.NAME
                    + " is missing: the log begins with " + Journal.fileName(live.first()));
        }
        if (live.isEmpty() && covered.equals(Covered.NOTHING)) {
            journal.begin(state);
            return new Recovered(journal, state, snapshot);
        }
        if (live.isEmpty() || live.last() - first != live.size() - 1) {
            long missing = first;
            while (live.contains(missing)) {
                missing++;
            }
            throw new DamagedFileException("Raft log " + path(missing) + " is missing");
        }
        long sequence = 0;
        for (var number : live) {
            sequence = replay(state, number, sequence, number.equals(live.last()));
        }
        state.raiseTerm(snapshot.term());
        return new Recovered(journal, state, snapshot);
    }

    private Covered covered() throws IOException {
        var found = SnapshotFile.open(storage, owner);
        if (found.isEmpty()) {
            return Covered.NOTHING;
        }
        try (var file = found.get()) {
            return new Covered(file.verify().id(), file.firstSegment());
        }
    }

    /** Returns the sequence number after the segment's last frame. */
    private long replay(LogState state, long number, long expectedSequence, boolean last) throws IOException {
        var bytes = storage.read(Journal.fileName(number));
        if (!(FileHeader.decode(path(number), bytes, owner) instanceof FileHeader.OfSegment header)
                || header.number() != number) {
            throw FileHeader.damaged(path(number), "not segment " + number);
        }
        if (expectedSequence != 0 && header.firstSequence() != expectedSequence) {
            throw FileHeader.damaged(
                    path(number - 1),
                    previousEnd,
                    "ends before frame " + expectedSequence + ", the next segment begins with frame "
                            + header.firstSequence());
        }
        long sequence = header.firstSequence();
        int position = FileHeader.length(bytes);
        try {
            state.apply(header);
            for (var found = Frame.read(bytes, position, sequence);
                    !(found instanceof Frame.End);
                    found = Frame.read(bytes, position, sequence)) {
                if (found instanceof Frame.Damaged damaged) {
                    throw FileHeader.damaged(path(number), position, damaged.reason());
                } else if (found instanceof Frame.Whole whole) {
                    for (var each : whole.records()) {
                        state.apply(each.record(), number, each.position());
                    }
                    position = whole.end();
                    sequence++;
                } else if (last) {
                    break;
                } else {
                    throw FileHeader.damaged(path(number), position, "an unreadable record before readable ones");
                }
            }
        } catch (IllegalStateException e) {
            throw FileHeader.damaged(path(number), position, e.getMessage());
        }
        var file = storage.open(Journal.fileName(number));
        journal.adopt(number, file, FileHeader.length(bytes), position, sequence);
        if (last) {
            // What a killed process had written but not synced counts from now on.
            if (position < bytes.length) {
                file.truncate(position);
            }
            file.sync();
        }
        previousEnd = position;
        return sequence;
    }

    private long number(String name) {
        try {
            return Long.parseLong(name.substring(0, name.length() - Journal.SEGMENT_SUFFIX.length()));
        } catch (NumberFormatException e) {
            throw FileHeader.damaged(storage.location() + "/" + name, "not the name of a segment");
        }
    }

    private String path(long number) {
        return storage.location() + "/" + Journal.fileName(number);
    }

    private static void close(Journal journal, Exception cause) {
        try {
            journal.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
