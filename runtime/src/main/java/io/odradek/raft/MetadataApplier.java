package io.odradek.raft;

import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.MetadataMachine;
import io.odradek.metadata.Result;
import io.odradek.metadata.SnapshotCodec;
import io.odradek.metadata.VersionRange;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongUnaryOperator;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.jboss.logging.Logger;

/**
 * The state machine that jgroups-raft feeds: applies the commands of an entry, publishes the image, tells the listeners, then the
 * proposer. Called by one thread at a time; {@link #image} is for all.
 */
final class MetadataApplier implements ReplicatedState {
    private static final Logger LOG = Logger.getLogger(MetadataApplier.class);

    /** Hears of what became of the image, after the listeners. */
    interface OnApplied {
        /**
         * @param term in which it got into the log; if that is not the entry's own, it was void
         * @param results of its commands; empty if it was void
         */
        void applied(Entry entry, long term, List<Result<?>> results);

        /** The image was replaced by that of a snapshot. */
        default void restored() {}
    }

    private final FailStop failStop;
    private final LongUnaryOperator termOf;
    private final Map<String, VersionRange> features;
    private final OnApplied onApplied;
    private final List<MetadataListener> listeners = new CopyOnWriteArrayList<>();
    private volatile MetadataImage image = MetadataImage.EMPTY;
    private long nextIndex;

    /**
     * @param termOf the term of an entry, by its index
     * @param features levels that this version knows; nothing is applied that leads to others
     */
    MetadataApplier(
            FailStop failStop, LongUnaryOperator termOf, Map<String, VersionRange> features, OnApplied onApplied) {
        this.failStop = failStop;
        this.termOf = termOf;
        this.features = features;
        this.onApplied = onApplied;
    }

    MetadataImage image() {
        return image;
    }

    synchronized void addListener(MetadataListener listener) {
        tell(listener, everything(MetadataImage.EMPTY, image));
        listeners.add(listener);
    }

    @Override
    public void next(long index) {
        nextIndex = index;
    }

    @Override
    public long appliedIndex() {
        return image.appliedIndex();
    }

    @Override
    public byte[] apply(byte[] data, int offset, int length, boolean serializeResponse) {
        failStop.check();
        try {
            var entry = Entry.decode(data, offset, length);
            long term = termOf.applyAsLong(nextIndex);
            onApplied.applied(entry, term, apply(entry, term));
            return null;
        } catch (RuntimeException | Error e) {
            // jgroups-raft would skip the entry and go on.
            throw failStop.fail("Raft entry " + nextIndex + " cannot be applied (" + FailStop.reason(e) + ")", e);
        }
    }

    private synchronized List<Result<?>> apply(Entry entry, long term) {
        if (nextIndex <= image.appliedIndex()) {
            throw new IllegalStateException("already applied up to entry " + image.appliedIndex());
        }
        if (entry.isBarrier() || entry.term() != term) {
            image = image.at(nextIndex);
            return List.of();
        }
        var results = new ArrayList<Result<?>>(entry.commands().size());
        for (var command : entry.commands()) {
            results.add(apply(command));
        }
        return results;
    }

    private <R> Result<R> apply(Command<R> command) {
        var applied = MetadataMachine.apply(image, command);
        var change = applied.change();
        if (change.featuresChanged()) {
            Features.requireKnown(change.after().features(), features);
        }
        publish(new MetadataChange(
                change.before(), change.after().at(nextIndex), change.topics(), change.brokers(), change.configs()));
        return applied.result();
    }

    private void publish(MetadataChange change) {
        image = change.after();
        for (var listener : listeners) {
            tell(listener, change);
        }
    }

    /** What is committed is committed: a listener's bug is its own, and must not make brokers differ. */
    private static void tell(MetadataListener listener, MetadataChange change) {
        try {
            listener.onChange(change);
        } catch (RuntimeException e) {
            LOG.errorf(
                    e,
                    "Metadata listener %s failed at entry %d",
                    listener,
                    change.after().appliedIndex());
        }
    }

    @Override
    public Restorable read(InputStream in) throws IOException {
        var read = SnapshotCodec.read(in);
        Features.requireKnown(read.features(), features);
        return new Restorable() {
            @Override
            public long appliedIndex() {
                return read.appliedIndex();
            }

            @Override
            public void restore() {
                MetadataApplier.this.restore(read);
            }
        };
    }

    private void restore(MetadataImage read) {
        synchronized (this) {
            publish(everything(image, read));
        }
        onApplied.restored();
    }

    @Override
    public SnapshotDraft.Content content() {
        var present = image;
        return out -> SnapshotCodec.write(present, out);
    }

    private static MetadataChange everything(MetadataImage before, MetadataImage after) {
        Set<Uuid> topics = new HashSet<>();
        Set<Integer> brokers = new HashSet<>();
        Set<ConfigResource> configs = new HashSet<>();
        for (var each : List.of(before, after)) {
            each.topics().all().forEach(topic -> topics.add(topic.id()));
            brokers.addAll(each.brokers().keySet());
            configs.addAll(each.configs().keySet());
        }
        return new MetadataChange(before, after, topics, brokers, configs);
    }
}
