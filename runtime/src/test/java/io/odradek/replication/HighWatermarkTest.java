package io.odradek.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HighWatermarkTest {
    @ParameterizedTest
    @CsvSource({
        "0, 10, '', 1, 10, alone",
        "0, 10, '7', 1, 7, the follower is behind",
        "0, 10, '12', 1, 10, a follower cannot be ahead of what is durable here",
        "0, 10, '9 3 8', 1, 3, the slowest counts",
        "5, 10, '-1', 1, 5, a follower that has not fetched yet holds it",
        "8, 10, '3', 1, 8, it never goes back",
        "5, 10, '', 2, 5, too few are in sync",
        "5, 10, '10', 2, 10, just enough are in sync",
    })
    void followsTheSlowestInSyncReplica(
            long current, long leaderEnd, String followers, int minInSync, long expected, String why) {
        var ends = followers.isEmpty()
                ? new long[0]
                : Arrays.stream(followers.split(" ")).mapToLong(Long::parseLong).toArray();
        assertEquals(expected, HighWatermark.next(current, leaderEnd, ends, minInSync), why);
    }

    @Test
    void minInsyncReplicasAsksForNoMoreThanThereAre() {
        assertEquals(1, HighWatermark.effectiveMinInSync(3, 1));
        assertEquals(2, HighWatermark.effectiveMinInSync(2, 3));
    }
}
