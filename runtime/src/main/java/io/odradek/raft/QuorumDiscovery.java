package io.odradek.raft;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.PingData;
import org.jgroups.protocols.PingHeader;
import org.jgroups.protocols.TCPPING;
import org.jgroups.util.NameCache;
import org.jgroups.util.Responses;

/**
 * Finds the other nodes by asking all addresses that a source has at the moment. JGroups' TCPPING resolves names once, and nodes
 * that are rescheduled come back with other addresses.
 */
final class QuorumDiscovery extends Discovery {
    private final Supplier<Set<PhysicalAddress>> source;
    private final Runnable announce;
    /** Used by the thread that joins. */
    private boolean asked;

    /**
     * @param source may block
     * @param announce called when this node listens and before it looks for others; may block
     */
    QuorumDiscovery(Supplier<Set<PhysicalAddress>> source, Runnable announce) {
        this.source = source;
        this.announce = announce;
        setId(ClassConfigurator.getProtocolId(TCPPING.class)); // whose messages it speaks
        async_discovery = true; // names are resolved
        return_entire_cache = true; // a node that is no voter is found through those it has asked
    }

    @Override
    public boolean isDynamic() {
        return true;
    }

    @Override
    public void handleConnect() {
        asked = false;
        announce.run();
    }

    /**
     * While a node cannot join, GMS asks again, and takes what is answered at once: so all rounds but the first, for which it
     * waits itself, wait for answers here. Otherwise who has become coordinator since the first round would never be heard
     * of, and the one before, who may be gone, be asked for ever.
     */
    @Override
    public Responses findMembers(List<Address> members, boolean initialDiscovery, boolean async, long timeoutMs) {
        var responses = super.findMembers(members, initialDiscovery, async, timeoutMs);
        if (initialDiscovery && asked) {
            responses.waitFor(timeoutMs);
        }
        asked |= initialDiscovery;
        return responses;
    }

    @Override
    protected void findMembers(List<Address> members, boolean initialDiscovery, Responses responses) {
        var own = (PhysicalAddress) down(new Event(Event.GET_PHYSICAL_ADDRESS, local_addr));
        // Whoever is asked learns that there is a group to join. TCPPING says nothing of it: a node whose address
        // nobody
        // else is told would be waited for, and never asked.
        var data = new PingData(local_addr, is_server, NameCache.get(local_addr), own).coord(is_coord);
        if (members != null && members.size() <= max_members_in_discovery_request) {
            data.mbrs(members);
        }
        var content = marshal(data);
        for (var address : source.get()) {
            if (!address.equals(own)) {
                ask(new BytesMessage(address, content)
                        .setFlag(Message.Flag.DONT_BUNDLE, Message.Flag.OOB)
                        .setFlag(Message.TransientFlag.DONT_LOOPBACK)
                        .putHeader(
                                id,
                                new PingHeader(PingHeader.GET_MBRS_REQ)
                                        .clusterName(cluster_name)
                                        .initialDiscovery(initialDiscovery)));
            }
        }
    }

    /** On a thread for each, since one that does not answer must not keep the others waiting. */
    private void ask(Message request) {
        timer.execute(
                () -> {
                    try {
                        down_prot.down(request);
                    } catch (RuntimeException e) {
                        log.debug("discovery request to %s failed: %s", request.getDest(), e);
                    }
                },
                sends_can_block);
    }
}
