package io.odradek.raft;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.VERIFY_SUSPECT2;

/**
 * Asks a suspected node whether it is alive, and believes that it is not if it has not answered after a while: connections
 * close for other reasons than a crash, and a heartbeat may be late.
 *
 * <p>JGroups' VERIFY_SUSPECT2, whose messages this speaks, waits by the wall clock: set back while it waits, nobody who
 * crashes is missed until the clock is where it was. It also gives a node that is suspected while another one is being
 * asked only what is left of the other's time. Here each has its own, on JGroups' timer, which is monotonic.
 */
class SuspectVerification extends VERIFY_SUSPECT2 {
    /** Whom we wait for, and since which question. Guarded by the monitor. */
    private final Map<Address, Object> asked = new HashMap<>();

    /** @param patience how long a node may take to answer */
    SuspectVerification(Duration patience) {
        setId(ClassConfigurator.getProtocolId(VERIFY_SUSPECT2.class));
        setTimeout(patience.toMillis());
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            View view = event.getArg();
            synchronized (this) {
                asked.keySet().retainAll(view.getMembers());
            }
        }
        return down_prot.down(event);
    }

    /** Returns false: the superclass has no waiting of its own to begin. */
    @Override
    protected synchronized boolean addSuspects(Collection<Address> suspects) {
        var question = new Object();
        var newly = new ArrayList<Address>();
        for (var each : suspects) {
            if (asked.putIfAbsent(each, question) == null) {
                newly.add(each);
            }
        }
        if (!newly.isEmpty()) {
            later(() -> giveUp(newly, question));
        }
        return false;
    }

    /** Has it run once the patience is over; does not block. */
    void later(Runnable work) {
        getTransport().getTimer().schedule(work, timeout, TimeUnit.MILLISECONDS);
    }

    private void giveUp(List<Address> suspects, Object question) {
        synchronized (this) {
            suspects.removeIf(each -> !asked.remove(each, question));
        }
        if (!suspects.isEmpty()) {
            up_prot.up(new Event(Event.SUSPECT, suspects));
        }
    }

    @Override
    protected synchronized boolean removeSuspect(Address suspect) {
        return asked.remove(suspect) != null;
    }

    @Override
    public synchronized String getSuspects() {
        return asked.keySet().toString();
    }

    @Override
    public synchronized void stop() {
        asked.clear();
    }
}
