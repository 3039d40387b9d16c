package io.odradek.raft;

import java.util.ArrayList;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.PhysicalAddress;
import org.jgroups.blocks.cs.Connection;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCP;

/**
 * JGroups' TCP, which also takes a closed connection for a sign that its node crashed; {@link SuspectVerification} asks before anybody
 * believes it. So no second port is needed, as FD_SOCK2 has it.
 */
final class ClusterTransport extends TCP {
    ClusterTransport() {
        setId(ClassConfigurator.getProtocolId(TCP.class));
    }

    PhysicalAddress physicalAddress() {
        return getPhysicalAddress();
    }

    /** The superclass asks a cache in which the former life of a restarted node may still have the same address. */
    @Override
    public void connectionClosed(Connection connection) {
        var peer = connection.peerAddress();
        var suspects = new ArrayList<Address>();
        synchronized (members) {
            for (var each : members) {
                if (!each.equals(local_addr) && peer != null && peer.equals(logical_addr_cache.get(each))) {
                    suspects.add(each);
                }
            }
        }
        if (!suspects.isEmpty()) {
            num_suspect_events.increment();
            up_prot.up(new Event(Event.SUSPECT, suspects));
        }
    }
}
