package io.odradek.bench;

import java.util.Map;

/** Something to measure on one broker after the other. */
interface Scenario {
    /** What {@code --only} calls it. */
    String name();

    /** Broker settings beside those of a single node, the same for every broker. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /** Whether {@link #round} starts the broker itself, each time; else one broker serves all rounds. */
    default boolean startsBroker() {
        return false;
    }

    /** @param round from 0; one that is not counted is -1 */
    void round(BrokerUnderTest broker, int round, Figures.OfBroker figures) throws Exception;

    /** After the last round. */
    default void finish(BrokerUnderTest broker, Figures.OfBroker figures) throws Exception {}
}
