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

    LogState(SegmentList segments, LogEnd end, LeaderEpochs epochs, ProducerState producers) {
        this.segments = segments;
        this.end = end;
        this.epochs = epochs;
        this.producers = producers;
    }
}
