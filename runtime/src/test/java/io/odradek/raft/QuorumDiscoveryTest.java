package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Set;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.PhysicalAddress;
import org.jgroups.View;
import org.jgroups.protocols.TCP;
import org.jgroups.util.Responses;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class QuorumDiscoveryTest {
    private static final long TIMEOUT_MS = 30_000;

    @BeforeAll
    static void log() {
        JGroupsLog.install();
    }

    /** Without membership: a test says who coordinates, and asks as GMS does. */
    private static final class Node implements AutoCloseable {
        private final TCP transport = new TCP();
        private final QuorumDiscovery discovery;
        private final JChannel channel;

        Node(String name, Set<PhysicalAddress> others) throws Exception {
            transport.setBindAddress(InetAddress.getLoopbackAddress()).setBindPort(0);
            discovery = new QuorumDiscovery(() -> others, () -> {});
            channel = new JChannel(transport, discovery).name(name);
            channel.connect("group");
        }

        PhysicalAddress where() {
            return (PhysicalAddress) transport.down(new Event(Event.GET_PHYSICAL_ADDRESS, channel.address()));
        }

        void coordinates() {
            discovery.down(new Event(Event.VIEW_CHANGE, View.create(channel.address(), 1, channel.address())));
        }

        Responses find() {
            return (Responses) discovery.down(new Event(Event.FIND_INITIAL_MBRS, TIMEOUT_MS));
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    @Test
    void whoBecameCoordinatorSinceTheFirstRoundIsHeardOf() throws Exception {
        try (var first = new Node("first", Set.of());
                var second = new Node("second", Set.of());
                var joining = new Node("joining", Set.of(first.where(), second.where()))) {
            first.coordinates();
            var responses = joining.find();
            assertTrue(responses.waitFor(TIMEOUT_MS));
            assertTrue(responses.isCoord(first.channel.address()));
            assertFalse(responses.isCoord(second.channel.address()));

            first.close();
            second.coordinates();
            // As GMS does it: what is not there yet is lost.
            responses.add(joining.find(), joining.channel.address());
            assertTrue(responses.isCoord(second.channel.address()));
            assertEquals(2, responses.size());
        }
    }
}
