package io.odradek.log;

/**
 * What a log in use has in the heap. Segments and end are changed under the log's lock and read without; a dormant log has
 * no state.
 */
final class LogState {
    final LeaderEpochs epochs;
    final ProducerState producers;
    volatile SegmentList segments;
    volatile LogEnd end;
    /** What has taken its place in another log directory; null if nothing has. */
    private volatile LogState successor;

    LogState(SegmentList segments, LogEnd end, LeaderEpochs epochs, ProducerState producers) {
        this.segments = segments;
        this.end = end;
        this.epochs = epochs;
        this.producers = producers;
    }

    void succeededBy(LogState state) {
        successor = state;
    }

    /** This one, or what has taken its place: for who was given a state a while ago. */
    LogState latest() {
        var latest = this;
        for (var next = latest.successor; next != null; next = latest.successor) {
            latest = next;
        }
        return latest;
    }
}
