package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command.InitializeCluster;
import io.odradek.metadata.Command.UnregisterBroker;
import io.odradek.metadata.Features;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.errors.NotControllerException;
import org.junit.jupiter.api.Test;

class BrokerRegistrationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ClusterMetadata metadata = ClusterMetadata.withBrokers(2);
    private final FakeTimer timer = new FakeTimer();
    private final BrokerRegistration registration = new BrokerRegistration(metadata, 3, timer);

    private long register() throws Exception {
        registration.begin("cluster", 1, PATIENCE);
        return registration.register(ClusterMetadata.broker(3), PATIENCE);
    }

    @Test
    void aBrokerIsInServiceOnceItIsRegistered() throws Exception {
        assertFalse(registration.inService());

        long epoch = register();

        assertTrue(registration.inService());
        assertEquals(metadata.brokerOf(3).epoch(), epoch);
    }

    @Test
    void theFirstBrokerGivesTheClusterItsId() throws Exception {
        var fresh = new ClusterMetadata();

        new BrokerRegistration(fresh, 3, timer).begin("mine", 1, PATIENCE);

        assertEquals("mine", fresh.image().clusterId().orElseThrow());
    }

    @Test
    void anotherBrokerMayBeFasterToGiveIt() throws Exception {
        var fresh = new ClusterMetadata();
        fresh.beforeNextProposal = () -> fresh.apply(new InitializeCluster("mine", Features.latest(), 1));

        new BrokerRegistration(fresh, 3, timer).begin("mine", 1, PATIENCE);

        assertEquals("mine", fresh.image().clusterId().orElseThrow());
        assertEquals(1, fresh.proposed.size());
    }

    @Test
    void anotherClustersMetadataIsRefused() {
        var refused = assertThrows(IllegalStateException.class, () -> registration.begin("other", 1, PATIENCE));

        assertEquals("this broker is of cluster other, the metadata of cluster cluster", refused.getMessage());
    }

    @Test
    void itTriesAgainWhileTheQuorumElects() throws Exception {
        metadata.failures.add(new NotControllerException("nobody leads"));

        register();

        assertTrue(registration.inService());
    }

    @Test
    void anEarlierLifeIsTakenOutOfServiceBeforeLogsAreRecovered() throws Exception {
        metadata.apply(ClusterMetadata.broker(3));
        metadata.topic("t", List.of(3, 1));

        registration.fenceEarlierLife(PATIENCE);

        assertEquals(1, metadata.partition("t", 0).leader());
        assertTrue(metadata.brokerOf(3).fenced());
    }

    @Test
    void aFencedBrokerThatLivesRegistersAgainInTheSameLife() throws Exception {
        long epoch = register();

        metadata.fence(3);

        assertTrue(registration.inService());
        assertEquals(epoch, metadata.brokerOf(3).epoch());
    }

    @Test
    void anUnregisteredBrokerThatLivesRegistersAgain() throws Exception {
        register();

        metadata.apply(new UnregisterBroker(3));

        assertTrue(registration.inService());
    }

    @Test
    void itRegistersAgainAndAgainUntilItIsHeard() throws Exception {
        register();
        metadata.failures.add(new NotControllerException("nobody leads"));
        metadata.failures.add(new NotControllerException("nobody leads"));

        metadata.fence(3);
        assertFalse(registration.inService());
        timer.pass(10_000);

        assertTrue(registration.inService());
        assertEquals(0, timer.waiting());
    }

    /** Two processes of one id would put each other out of service for ever. */
    @Test
    void itGivesWayToAnotherOfItsId() throws Exception {
        register();
        var proposals = metadata.proposed.size();

        metadata.apply(ClusterMetadata.broker(3));

        assertFalse(registration.inService());
        assertEquals(proposals, metadata.proposed.size());
    }

    @Test
    void whatLeavesHandsOverAndStaysAway() throws Exception {
        register();
        metadata.topic("t", List.of(3, 1));

        assertTrue(registration.leave(PATIENCE));
        assertEquals(1, metadata.partition("t", 0).leader());
        metadata.fence(3);

        assertTrue(metadata.brokerOf(3).fenced());
        assertFalse(registration.inService());
    }
}
