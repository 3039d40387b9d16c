package io.odradek.metadata;

import java.util.concurrent.CompletionStage;

/** Who votes on metadata, to be changed one at a time. Thread-safe. */
public interface Voters {
    /**
     * Lets a node vote that takes part without a vote. Completes once that is committed.
     *
     * <p>Fails with DuplicateVoterException if it votes already, InvalidRequestException if it is not there, and retriably
     * while no leader can decide it.
     */
    CompletionStage<Void> add(int nodeId);

    /**
     * Takes a node's vote, be it there or not; from then on it takes part without one. Completes once that is committed.
     *
     * <p>Fails with VoterNotFoundException if it has none, InvalidRequestException if it is the last, and retriably while no
     * leader can decide it.
     */
    CompletionStage<Void> remove(int nodeId);
}
