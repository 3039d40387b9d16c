package io.odradek.raft;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.JoinRsp;
import org.jgroups.stack.Protocol;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Util;

/**
 * Lets nothing in from nodes of other clusters, and lets no node join whose id is that of a live one. Who is refused is told why,
 * and both sides log it once.
 *
 * <p>A node that restarts after a crash finds its former self still alive for the moment that the others need to see it gone: so
 * the one that wants to join asks again for some time before it believes such a refusal.
 */
final class ClusterGate extends Protocol {
    private static final Logger LOG = Logger.getLogger(ClusterGate.class);
    private static final short GMS_ID = ClassConfigurator.getProtocolId(GMS.class);
    private static final String IN_USE = "its id is that of a live node";
    private static final int MAX_TOLD = 1000;

    private final String clusterId;
    private final long patienceNanos;
    private final LongSupplier nanoTime;
    private final Set<Address> told = new HashSet<>();
    private volatile View view;
    private volatile long firstRefusalNanos;
    private volatile boolean refused;

    /** @param patience how long a node whose id is in use asks again */
    ClusterGate(String clusterId, Duration patience, LongSupplier nanoTime) {
        this.clusterId = clusterId;
        this.patienceNanos = patience.toNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            view = event.getArg();
        }
        return down_prot.down(event);
    }

    @Override
    public Object up(Message message) {
        return admits(message, message.src()) ? up_prot.up(message) : null;
    }

    @Override
    public void up(MessageBatch batch) {
        batch.removeIf(message -> !admits(message, batch.sender()), true);
        if (!batch.isEmpty()) {
            up_prot.up(batch);
        }
    }

    private boolean admits(Message message, Address from) {
        GMS.GmsHeader header = message.getHeader(GMS_ID);
        if (header != null && header.getType() == GMS.GmsHeader.JOIN_RSP) {
            var refusal = refusal(message);
            if (refusal != null) {
                return believes(refusal);
            }
        }
        boolean joins = header != null && header.getType() == GMS.GmsHeader.JOIN_REQ;
        if (!NodeAddress.isOf(clusterId, from)) {
            refuse(
                    from,
                    joins,
                    "it belongs to cluster " + NodeAddress.clusterId(from) + ", this is cluster " + clusterId);
            return false;
        }
        if (joins && isInUse(header.getMember())) {
            refuse(from, true, IN_USE);
            return false;
        }
        return true;
    }

    private boolean isInUse(Address joiner) {
        var now = view;
        var id = NodeAddress.nodeId(joiner);
        return now != null
                && id.isPresent()
                && now.getMembers().stream()
                        .anyMatch(each ->
                                !each.equals(joiner) && NodeAddress.nodeId(each).equals(id));
    }

    private void refuse(Address from, boolean joins, String why) {
        synchronized (told) {
            if (told.size() < MAX_TOLD && told.add(from)) {
                LOG.warnf("%s%s is refused: %s", NodeAddress.name(from), whereIs(from), why);
            }
        }
        if (joins) {
            var reason = NodeAddress.name(local_addr) + whereIs(local_addr) + " refuses " + NodeAddress.name(from)
                    + ": " + why;
            down_prot.down(new BytesMessage(from)
                    .putHeader(GMS_ID, new GMS.GmsHeader(GMS.GmsHeader.JOIN_RSP))
                    .setArray(GMS.marshal(new JoinRsp(reason))));
        }
    }

    private String whereIs(Address address) {
        var where = down_prot.down(new Event(Event.GET_PHYSICAL_ADDRESS, address));
        return where == null ? "" : " at " + where;
    }

    private boolean believes(String refusal) {
        if (!refusal.endsWith(IN_USE)) {
            return true;
        }
        long now = nanoTime.getAsLong();
        if (!refused) {
            refused = true;
            firstRefusalNanos = now;
        }
        return now - firstRefusalNanos >= patienceNanos;
    }

    private static String refusal(Message message) {
        try {
            var response = Util.streamableFromBuffer(
                    JoinRsp::new, message.getArray(), message.getOffset(), message.getLength());
            return response.getFailReason();
        } catch (Exception e) {
            return null; // GMS will say so
        }
    }
}
