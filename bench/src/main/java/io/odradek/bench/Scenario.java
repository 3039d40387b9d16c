package io.odradek.bench;

import java.util.Map;

/**
 * Something to measure on one system after the other.
 *
 * @param <S> a broker, or a cluster
 */
interface Scenario<S extends SystemUnderTest> {
    /** What {@code --only} calls it. */
    String name();

    /** Broker settings beside those every broker has here, the same for all systems. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /** Whether {@link #round} starts the system itself, each time; else one serves all rounds. */
    default boolean startsBroker() {
        return false;
    }

    /** Whether there is a round before the first one that is not counted. */
    default boolean warmsUp() {
        return true;
    }

    /** @param round from 0; one that is not counted is -1 */
    void round(S system, int round, Figures.OfBroker figures) throws Exception;

    /** After the last round. */
    default void finish(S system, Figures.OfBroker figures) throws Exception {}
}
