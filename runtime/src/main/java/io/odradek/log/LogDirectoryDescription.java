package io.odradek.log;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * A log directory (DescribeLogDirs).
 *
 * @param directoryId its {@code directory.id}, {@link Uuid#ZERO_UUID} if it could not be read
 * @param failure why it is offline; empty if it is not
 * @param sizes bytes of each log in it
 * @param coming logs that are on their way into it
 * @param totalBytes size of the volume, -1 if offline
 * @param usableBytes free bytes of the volume, -1 if offline
 */
public record LogDirectoryDescription(
        Path path,
        Uuid directoryId,
        Optional<String> failure,
        Map<LogId, Long> sizes,
        Map<LogId, FutureReplica> coming,
        long totalBytes,
        long usableBytes) {
    /**
     * What there is of a log that is on its way.
     *
     * @param offsetLag how many offsets are still to be copied
     */
    public record FutureReplica(long sizeInBytes, long offsetLag) {}

    public boolean online() {
        return failure.isEmpty();
    }
}
