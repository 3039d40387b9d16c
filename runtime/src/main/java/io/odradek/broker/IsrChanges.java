package io.odradek.broker;

import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.PartitionImage;
import java.util.concurrent.atomic.LongAdder;

/** Counts how often the ISRs of partitions that this broker leads shrink and grow. Thread-safe. */
final class IsrChanges implements MetadataListener {
    private final int broker;
    private final LongAdder shrinks = new LongAdder();
    private final LongAdder expands = new LongAdder();

    IsrChanges(int broker) {
        this.broker = broker;
    }

    long shrinks() {
        return shrinks.sum();
    }

    long expands() {
        return expands.sum();
    }

    @Override
    public void onChange(MetadataChange change) {
        for (var id : change.topics()) {
            var before = change.before().topics().byId(id);
            var after = change.after().topics().byId(id);
            if (before.isEmpty()
                    || after.isEmpty()
                    || before.get().partitions() == after.get().partitions()) {
                continue;
            }
            var earlier = before.get().partitions().iterator();
            for (var partition : after.get().partitions()) {
                if (!earlier.hasNext()) {
                    break;
                }
                count(earlier.next(), partition);
            }
        }
    }

    private void count(PartitionImage before, PartitionImage after) {
        if (before == after || after.leader() != broker) {
            return;
        }
        if (after.isr().size() < before.isr().size()) {
            shrinks.increment();
        } else if (after.isr().size() > before.isr().size()) {
            expands.increment();
        }
    }
}
