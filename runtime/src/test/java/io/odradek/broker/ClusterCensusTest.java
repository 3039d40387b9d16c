package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterCensusTest {
    private final ClusterMetadata metadata = ClusterMetadata.withBrokers(3);

    private ClusterCensus census(int broker, int minInSync) {
        return ClusterCensus.of(metadata.image(), broker, topic -> minInSync);
    }

    @Test
    void aHealthyCluster() {
        metadata.topic("three", List.of(1, 2, 3));
        metadata.topic("two", List.of(2, 3));
        metadata.topic("one", List.of(3));

        assertEquals(new ClusterCensus(3, 0, 3, 0, 0, 1, 1, 0, 0, 0, 0), census(1, 2));
        assertEquals(new ClusterCensus(3, 0, 3, 0, 0, 1, 2, 0, 0, 0, 1), census(2, 2));
    }

    @Test
    void aBrokerIsGone() {
        metadata.topic("three", List.of(1, 2, 3));
        metadata.topic("two", List.of(2, 1));
        metadata.topic("one", List.of(2));

        metadata.fence(2);

        // Two of three are in sync, one of two, and of the last one none that leads.
        assertEquals(new ClusterCensus(2, 1, 3, 1, 2, 2, 2, 0, 2, 1, 1), census(1, 2));
        assertEquals(new ClusterCensus(2, 1, 3, 1, 2, 0, 1, 0, 0, 0, 0), census(3, 2));
    }

    @Test
    void changesOfTheIsrAreCountedByWhoLeads() {
        var ofOne = new IsrChanges(1);
        var ofTwo = new IsrChanges(2);
        metadata.addListener(ofOne);
        metadata.addListener(ofTwo);
        metadata.topic("three", List.of(1, 2, 3));
        metadata.topic("two", List.of(2, 1), List.of(3, 1));

        metadata.fence(3);

        assertEquals(2, ofOne.shrinks(), "of what it led and what it leads now");
        assertEquals(0, ofTwo.shrinks());
        assertEquals(0, ofOne.expands());
    }
}
