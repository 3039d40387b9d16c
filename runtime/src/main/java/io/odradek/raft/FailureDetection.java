package io.odradek.raft;

import java.time.Duration;

/**
 * How soon a node that is gone is missing among the {@link Members}.
 *
 * @param silent bound for a node that neither answers nor closes its connections: stopped, or cut off
 *     ({@code odradek.failure.detection.ms})
 * @param crashed how long a node whose connection closed gets to say that it is alive ({@code odradek.crash.detection.ms})
 */
public record FailureDetection(Duration silent, Duration crashed) {
    public static final FailureDetection DEFAULT = new FailureDetection(Duration.ofSeconds(3), Duration.ofMillis(300));

    public FailureDetection {
        if (silent.toMillis() < 100 || crashed.toMillis() < 10 || crashed.compareTo(silent) > 0) {
            throw new IllegalArgumentException("failure detection within " + silent + ", of crashes within " + crashed
                    + ": at least 100 ms and 10 ms, and crashes first");
        }
    }
}
