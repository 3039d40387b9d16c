package io.odradek.broker;

import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.Command;
import io.odradek.metadata.Command.ControlledShutdown;
import io.odradek.metadata.Command.FenceBroker;
import io.odradek.metadata.Command.InitializeCluster;
import io.odradek.metadata.Command.RegisterBroker;
import io.odradek.metadata.Features;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.MetadataStore;
import io.odradek.replication.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.StaleBrokerEpochException;
import org.jboss.logging.Logger;

/**
 * This broker in the metadata: registers it, registers it again when it was fenced though it is alive, and takes it out of
 * service before it stops.
 *
 * <p>Threading: {@link #begin}, {@link #register} and {@link #leave} wait, and are for the thread that starts and stops the
 * broker; changes come on the thread that applies metadata.
 */
final class BrokerRegistration implements MetadataListener, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BrokerRegistration.class);

    /** Pause before a registration is tried again. */
    private static final long RETRY_MS = 200;

    private final MetadataStore metadata;
    private final int nodeId;
    private final Timer timer;

    /** Empty before the first registration and once the broker leaves. */
    private volatile Optional<RegisterBroker> inForce = Optional.empty();
    /** Guarded by this. */
    private boolean underWay;

    BrokerRegistration(MetadataStore metadata, int nodeId, Timer timer) {
        this.metadata = metadata;
        this.nodeId = nodeId;
        this.timer = timer;
    }

    /**
     * Gives a new cluster its id and what else it begins with.
     *
     * @throws IllegalStateException the metadata is that of another cluster
     */
    void begin(String clusterId, int minInsyncReplicas, Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        if (metadata.image().clusterId().isEmpty()) {
            try {
                await(new InitializeCluster(clusterId, Features.latest(), minInsyncReplicas), deadline);
            } catch (InvalidRequestException e) {
                // Another broker was faster.
            }
        }
        var known = metadata.image().clusterId().orElseThrow();
        if (!known.equals(clusterId)) {
            throw new IllegalStateException(
                    "this broker is of cluster " + clusterId + ", the metadata of cluster " + known);
        }
    }

    /** Takes an earlier life of this broker out of service: others can lead what it led while this one recovers its logs. */
    void fenceEarlierLife(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        var earlier = metadata.image().broker(nodeId).filter(broker -> !broker.fenced());
        if (earlier.isPresent()) {
            try {
                await(new FenceBroker(nodeId, earlier.get().epoch()), deadline);
            } catch (StaleBrokerEpochException e) {
                // The controller was faster.
            }
        }
    }

    /**
     * Puts the broker into service. When it returns, that is applied here.
     *
     * @return its epoch
     */
    long register(RegisterBroker command, Duration timeout) throws InterruptedException {
        var broker = await(command, System.nanoTime() + timeout.toNanos());
        inForce = Optional.of(command);
        metadata.addListener(this);
        return broker.epoch();
    }

    /** Whether it is in the metadata as it should be. */
    boolean inService() {
        return inForce.isPresent()
                && metadata.image()
                        .broker(nodeId)
                        .filter(broker -> isThisOne(broker) && !broker.fenced())
                        .isPresent();
    }

    private boolean isThisOne(BrokerImage broker) {
        return inForce.filter(own -> own.incarnation().equals(broker.incarnation()))
                .isPresent();
    }

    @Override
    public void onChange(MetadataChange change) {
        if (!change.brokers().contains(nodeId)) {
            return;
        }
        var now = change.after().broker(nodeId);
        if (now.isPresent() && !isThisOne(now.get()) && inForce.isPresent()) {
            LOG.errorf("Another broker has registered as node %d: this one is out of service", nodeId);
            inForce = Optional.empty();
        }
        registerAgain();
    }

    /** Fenced while it lives: it was silent for too long, or cut off. Its registration keeps its epoch. */
    private void registerAgain() {
        var own = inForce;
        synchronized (this) {
            if (own.isEmpty() || inService() || underWay) {
                return;
            }
            underWay = true;
        }
        LOG.warnf("Broker %d was taken out of service while it is alive: registering again", nodeId);
        metadata.propose(own.get()).whenComplete((done, failure) -> {
            synchronized (this) {
                underWay = false;
            }
            if (failure != null || !inService()) {
                timer.schedule(RETRY_MS, this::registerAgain);
            }
        });
    }

    /**
     * Hands over what this broker leads. When it returns in time, that is applied here.
     *
     * @return whether it did
     */
    boolean leave(Duration timeout) throws InterruptedException {
        var broker = metadata.image().broker(nodeId).filter(this::isThisOne);
        inForce = Optional.empty();
        if (broker.isEmpty() || broker.get().fenced()) {
            return true;
        }
        try {
            await(new ControlledShutdown(nodeId, broker.get().epoch()), System.nanoTime() + timeout.toNanos());
            return true;
        } catch (RuntimeException e) {
            LOG.warnf("What this broker leads could not be handed over: %s", e.getMessage());
            return false;
        }
    }

    /** Is not registered again from now on. */
    @Override
    public void close() {
        inForce = Optional.empty();
    }

    /** Tries until the deadline as long as there may be hope. */
    private <R> R await(Command<R> command, long deadline) throws InterruptedException {
        while (true) {
            try {
                long left = Math.max(1, deadline - System.nanoTime());
                return metadata.propose(command).toCompletableFuture().get(left, TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                var cause = e.getCause();
                if (!(cause instanceof RetriableException) || System.nanoTime() > deadline) {
                    throw cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
            } catch (TimeoutException e) {
                throw new IllegalStateException("the metadata quorum did not answer", e);
            }
        }
    }
}
