package io.odradek.replication;

/** Where {@link LeaderConnection}s come from. */
@FunctionalInterface
public interface LeaderConnections {
    /**
     * A connection of its own.
     *
     * @param leader broker id; it may be unknown or gone, which the fetches are told
     * @param fetcher number of the fetcher among those that fetch from this leader, from 0 on; for names and metrics
     */
    LeaderConnection to(int leader, int fetcher);
}
