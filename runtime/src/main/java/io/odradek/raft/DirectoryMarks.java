package io.odradek.raft;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * What the directory of a node of several says beside the log.
 *
 * <ul>
 *   <li>{@code voters}: who voted when the log began. The log says only what changed since; the setting may be another by now.
 *   <li>{@code blank}: {@link BlankMark}.
 *   <li>{@code diverged}: its state is not that of the others, and must not be used.
 * </ul>
 *
 * Used by one thread at a time.
 */
final class DirectoryMarks {
    private static final Logger LOG = Logger.getLogger(DirectoryMarks.class);
    private static final String VOTERS = "voters";
    private static final String DIVERGED = "diverged";

    private final LogStorage storage;
    private final Set<Integer> voters;
    private final BlankMark blank;

    private DirectoryMarks(LogStorage storage, Set<Integer> voters, BlankMark blank) {
        this.storage = storage;
        this.voters = voters;
        this.blank = blank;
    }

    /**
     * Before the log is opened.
     *
     * @param configured the voters that the settings name
     */
    static DirectoryMarks open(LogStorage storage, Collection<Integer> configured) {
        try {
            var files = storage.list();
            if (files.contains(DIVERGED)) {
                LOG.warnf("The metadata in %s had diverged: fetching all of it anew", storage.location());
                for (var each : files) {
                    if (!each.equals(DIVERGED)) {
                        storage.delete(each);
                    }
                }
                storage.syncDirectory();
                storage.delete(DIVERGED);
                files = List.of();
            }
            boolean empty = files.stream()
                    .noneMatch(each -> each.endsWith(Journal.SEGMENT_SUFFIX) || each.equals(SnapshotFile.NAME));
            var blank = BlankMark.open(storage);
            if (empty || !files.contains(VOTERS)) {
                write(storage, VOTERS, text(configured));
            }
            var voters = parse(storage.location() + "/" + VOTERS, storage.read(VOTERS));
            if (!voters.equals(new TreeSet<>(configured))) {
                LOG.infof(
                        "controller.quorum.voters names %s, the cluster was formed with %s: the log says who votes",
                        new TreeSet<>(configured), voters);
            }
            return new DirectoryMarks(storage, voters, blank);
        } catch (DamagedFileException e) {
            throw e.refusingToStart(storage.location());
        } catch (IOException e) {
            throw new RaftException(storage.location() + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** With a checksum, for another digit would be other voters. */
    private static String text(Collection<Integer> ids) {
        var list = new TreeSet<>(ids).stream().map(String::valueOf).collect(Collectors.joining(","));
        return list + " crc32c=" + Integer.toHexString(Checksum.of(list.getBytes(StandardCharsets.UTF_8))) + "\n";
    }

    private static Set<Integer> parse(String file, byte[] content) {
        var text = new String(content, StandardCharsets.UTF_8);
        try {
            var ids = Arrays.stream(text.split(" ", 2)[0].split(","))
                    .map(Integer::valueOf)
                    .collect(Collectors.toCollection(TreeSet::new));
            if (text.equals(text(ids))) {
                return ids;
            }
        } catch (NumberFormatException e) {
            // It is told below, as any other damage.
        }
        throw FileHeader.damaged(file, "not the voters with their checksum");
    }

    private static void write(LogStorage storage, String name, String content) throws IOException {
        var temporary = name + Journal.TEMPORARY_SUFFIX;
        try (var file = storage.create(temporary)) {
            var bytes = content.getBytes(StandardCharsets.UTF_8);
            if (bytes.length > 0) {
                Journal.writeFully(file, 0, bytes);
            }
            file.sync();
        }
        storage.rename(temporary, name);
        storage.syncDirectory();
    }

    Set<Integer> voters() {
        return voters;
    }

    BlankMark blank() {
        return blank;
    }

    /** The next start begins with an empty directory. */
    void diverged() throws IOException {
        write(storage, DIVERGED, "");
    }
}
