package io.odradek.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which leader epoch began at which offset (KIP-101, KIP-279), kept in Kafka's {@code leader-epoch-checkpoint}. Epochs
 * and offsets both grow strictly. Changed under the log's lock, read by anyone.
 *
 * <p>The file is written at each change but forced only with the log: whatever a crash takes away is in the batches above
 * the recovery point, and recovery puts it back.
 */
final class LeaderEpochs {
    static final String FILE_NAME = "leader-epoch-checkpoint";

    private record Table(int[] epochs, long[] starts) {
        static final Table EMPTY = new Table(new int[0], new long[0]);

        int size() {
            return epochs.length;
        }

        Table slice(int from, int to) {
            return new Table(Arrays.copyOfRange(epochs, from, to), Arrays.copyOfRange(starts, from, to));
        }
    }

    private volatile Table table = Table.EMPTY;
    private boolean unsaved;
    private volatile boolean unforced;

    static LeaderEpochs read(Path directory) throws IOException {
        var result = new LeaderEpochs();
        var lines = CheckpointFile.read(directory.resolve(FILE_NAME));
        for (var line : lines) {
            var fields = line.split("\\s+");
            try {
                result.assign(Integer.parseInt(fields[0]), Long.parseLong(fields[1]));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw new CheckpointFile.MalformedException(
                        directory + "/" + FILE_NAME + " has a malformed line: " + line);
            }
        }
        if (result.table.size() == lines.size()) {
            result.unsaved = false;
        }
        return result;
    }

    /**
     * Notes that {@code epoch} began at {@code startOffset}, unless it is the newest already. Entries that contradict it
     * are dropped: they were never committed.
     */
    void assign(int epoch, long startOffset) {
        if (epoch < 0 || startOffset < 0) {
            throw new IllegalArgumentException("no leader epoch: " + epoch + " from " + startOffset);
        }
        var t = table;
        var last = t.size() - 1;
        if (last >= 0 && t.epochs[last] == epoch && t.starts[last] <= startOffset) {
            return;
        }
        var keep = t.size();
        while (keep > 0 && (t.epochs[keep - 1] >= epoch || t.starts[keep - 1] >= startOffset)) {
            keep--;
        }
        var epochs = Arrays.copyOf(t.epochs, keep + 1);
        var starts = Arrays.copyOf(t.starts, keep + 1);
        epochs[keep] = epoch;
        starts[keep] = startOffset;
        change(new Table(epochs, starts));
    }

    private void change(Table changed) {
        table = changed;
        unsaved = true;
    }

    boolean isEmpty() {
        return table.size() == 0;
    }

    /** The newest epoch, -1 if there is none. */
    int latest() {
        var t = table;
        return t.size() == 0 ? -1 : t.epochs[t.size() - 1];
    }

    EpochEndOffset endOffsetFor(int epoch, long logEndOffset) {
        var t = table;
        if (epoch < 0 || t.size() == 0 || epoch > t.epochs[t.size() - 1]) {
            return EpochEndOffset.UNDEFINED;
        }
        if (epoch == t.epochs[t.size() - 1]) {
            return new EpochEndOffset(epoch, logEndOffset);
        }
        var higher = 0;
        while (t.epochs[higher] <= epoch) {
            higher++;
        }
        // Older than everything known: its records are gone, the first known epoch's start is the best answer.
        return new EpochEndOffset(higher == 0 ? epoch : t.epochs[higher - 1], t.starts[higher]);
    }

    /** The epoch of the record at {@code offset}, -1 if unknown. */
    int epochFor(long offset) {
        var t = table;
        for (int i = t.size() - 1; i >= 0; i--) {
            if (t.starts[i] <= offset) {
                return t.epochs[i];
            }
        }
        return -1;
    }

    /** The log now ends at {@code endOffset}. */
    void truncateFromEnd(long endOffset) {
        var t = table;
        var keep = t.size();
        while (keep > 0 && t.starts[keep - 1] >= endOffset) {
            keep--;
        }
        if (keep < t.size()) {
            change(t.slice(0, keep));
        }
    }

    /** The log now starts at {@code startOffset}: the epoch that was current there begins there. */
    void truncateFromStart(long startOffset) {
        var t = table;
        var covered = 0;
        while (covered < t.size() && t.starts[covered] <= startOffset) {
            covered++;
        }
        if (covered > 0 && (covered > 1 || t.starts[0] != startOffset)) {
            var rest = t.slice(covered - 1, t.size());
            rest.starts[0] = startOffset;
            change(rest);
        }
    }

    void clear() {
        if (table.size() > 0) {
            change(Table.EMPTY);
        }
    }

    /** Writes the file if something changed since. */
    void save(Path directory) throws IOException {
        if (unsaved) {
            copyTo(directory);
            unsaved = false;
            unforced = true;
        }
    }

    /** Writes them for another log, too. */
    void copyTo(Path directory) throws IOException {
        var t = table;
        List<String> lines = new ArrayList<>(t.size());
        for (int i = 0; i < t.size(); i++) {
            lines.add(t.epochs[i] + " " + t.starts[i]);
        }
        CheckpointFile.writeUnforced(directory.resolve(FILE_NAME), lines);
    }

    /** Whether the file on the device may be older than what {@link #save} wrote; the caller is about to force it. */
    boolean takeUnforced() {
        var was = unforced;
        unforced = false;
        return was;
    }

    static void force(Path directory) throws IOException {
        var file = directory.resolve(FILE_NAME);
        if (Files.exists(file)) {
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    @Override
    public String toString() {
        var t = table;
        return Arrays.toString(t.epochs) + Arrays.toString(t.starts);
    }
}
