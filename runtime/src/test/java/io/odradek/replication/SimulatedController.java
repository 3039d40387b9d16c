package io.odradek.replication;

import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.Command;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataMachine;
import io.odradek.metadata.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * The metadata of the cluster as it is committed, and the controller's duties. It is one thing here, which never fails:
 * what Raft may do wrong is another simulation's matter. Brokers hear of it late, and in order.
 */
final class SimulatedController {
    /** How long a broker must be out of reach before it is fenced. */
    private static final long DETECTION_MS = 60;

    /**
     * A step of the metadata.
     *
     * @param proposer the broker incarnation that gets the result, or null
     */
    record Step(MetadataChange change, Object proposer, long proposal, Result<?> result) {}

    private final SimulatedTime time;
    private final List<Step> steps = new ArrayList<>();
    private final Map<Integer, Long> lastSeenMs = new HashMap<>();
    /** Of each broker incarnation the last proposal that was heard of. */
    private final Map<Object, Long> lastProposals = new HashMap<>();

    private MetadataImage image = MetadataImage.EMPTY;

    SimulatedController(SimulatedTime time) {
        this.time = time;
    }

    MetadataImage image() {
        return image;
    }

    List<Step> steps() {
        return steps;
    }

    <R> Result<R> apply(Command<R> command) {
        return apply(command, null, 0);
    }

    private <R> Result<R> apply(Command<R> command, Object proposer, long proposal) {
        var applied = MetadataMachine.apply(image, command);
        var before = image;
        image = applied.image().at(before.appliedIndex() + 1);
        var change = applied.change();
        steps.add(new Step(
                new MetadataChange(before, image, change.topics(), change.brokers(), change.configs()),
                proposer,
                proposal,
                applied.result()));
        return applied.result();
    }

    /**
     * What arrives from a broker. One that was overtaken by a later one of the same incarnation is dropped.
     *
     * @param proposal number of the proposal, counted by the incarnation
     */
    void receive(Command<?> command, Object proposer, long proposal) {
        if (lastProposals.getOrDefault(proposer, -1L) < proposal) {
            lastProposals.put(proposer, proposal);
            apply(command, proposer, proposal);
        }
    }

    /** Fences brokers that are out of reach. */
    void look(IntPredicate inReach, IntPredicate mayBeFenced) {
        for (var broker : List.copyOf(image.brokers().values())) {
            if (inReach.test(broker.id())) {
                lastSeenMs.put(broker.id(), time.milliseconds());
            } else if (!broker.fenced() && isSilent(broker) && mayBeFenced.test(broker.id())) {
                apply(new Command.FenceBroker(broker.id(), broker.epoch()));
            }
        }
    }

    private boolean isSilent(BrokerImage broker) {
        return time.milliseconds() - lastSeenMs.getOrDefault(broker.id(), 0L) > DETECTION_MS;
    }
}
