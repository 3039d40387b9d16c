package io.odradek.broker;

import io.odradek.config.ControllerSettings;
import io.odradek.metadata.Command.FenceBroker;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.MetadataStore;
import io.odradek.raft.Members;
import io.odradek.raft.MembersListener;
import io.odradek.replication.Timer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Does the {@linkplain ControllerDuties duties} of the active controller. Every node has one; it acts while its node is
 * the active controller. There are no heartbeats of brokers: who is not among the members of the group is gone.
 *
 * <p>Thread-safe; never blocks. It proposes with no lock held, since an answer may come on the same thread.
 */
final class Controller implements MembersListener, MetadataListener, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Controller.class);

    /** Pause after a proposal whose fate is not known. */
    private static final long RETRY_MS = 200;

    /** Leaderships that move back at a time, as in Kafka. */
    static final int MAX_ELECTIONS = 1000;

    private final MetadataStore metadata;
    private final ControllerSettings settings;
    private final Timer timer;
    /** What was proposed and is not decided yet. Guarded by this, as all below. */
    private final Set<FenceBroker> proposed = new HashSet<>();

    private Set<Integer> present = Set.of();
    private boolean active;
    private boolean closed;
    private Timer.Timeout nextBalancing = () -> {};

    Controller(MetadataStore metadata, ControllerSettings settings, Timer timer) {
        this.metadata = metadata;
        this.settings = settings;
        this.timer = timer;
    }

    @Override
    public void onMembers(Members members) {
        synchronized (this) {
            boolean becomesActive = members.activeController() && !active;
            present = members.nodes();
            active = members.activeController();
            if (becomesActive) {
                LOG.infof("This node is the active controller; nodes %s are here", present);
                balanceIn(settings.leaderImbalanceCheckInterval().toMillis());
            } else if (!active) {
                nextBalancing.cancel();
            }
        }
        fenceTheGone();
    }

    @Override
    public void onChange(MetadataChange change) {
        if (!change.brokers().isEmpty()) {
            fenceTheGone();
        }
    }

    private void fenceTheGone() {
        List<FenceBroker> due = new ArrayList<>();
        synchronized (this) {
            if (!active || closed) {
                return;
            }
            for (var command : ControllerDuties.fencing(metadata.image(), present)) {
                if (proposed.add(command)) {
                    due.add(command);
                }
            }
        }
        due.forEach(this::propose);
    }

    private void propose(FenceBroker command) {
        LOG.warnf("Broker %d is gone: fencing it", command.id());
        metadata.propose(command).whenComplete((done, failure) -> {
            synchronized (this) {
                proposed.remove(command);
            }
            if (failure != null) {
                // It has registered again, and is not the one that went; or nobody knows: look again.
                timer.schedule(RETRY_MS, this::fenceTheGone);
            }
        });
    }

    /** Under the monitor. */
    private void balanceIn(long delayMs) {
        if (settings.autoLeaderRebalance() && active && !closed) {
            nextBalancing.cancel();
            nextBalancing = timer.schedule(delayMs, this::balance);
        }
    }

    private void balance() {
        synchronized (this) {
            if (!active || closed) {
                return;
            }
        }
        var elections = ControllerDuties.preferredLeaders(metadata.image(), MAX_ELECTIONS);
        if (!elections.isEmpty()) {
            LOG.infof("Giving %d leaderships back to preferred replicas", elections.size());
        }
        CompletableFuture.allOf(elections.stream()
                        .map(election -> metadata.propose(election).toCompletableFuture())
                        .toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> {
                    // One that was refused may be for good: the others have their turn at the next check.
                    boolean more = failure == null && elections.size() == MAX_ELECTIONS;
                    synchronized (this) {
                        balanceIn(
                                more
                                        ? RETRY_MS
                                        : settings.leaderImbalanceCheckInterval()
                                                .toMillis());
                    }
                });
    }

    @Override
    public synchronized void close() {
        closed = true;
        nextBalancing.cancel();
    }
}
