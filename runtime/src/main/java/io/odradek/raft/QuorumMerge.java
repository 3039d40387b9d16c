package io.odradek.raft;

import java.util.function.Predicate;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.TCP;

/** JGroups' MERGE3, which is in no hurry to find other groups: this one is while its view is not enough. */
final class QuorumMerge extends MERGE3 {
    private static final long INTERVAL_MS = 1000;
    /** Between two looks while the view is not enough. */
    private static final long HURRIED_INTERVAL_MS = 300;

    private final Predicate<View> enough;

    /** @param enough whether the members can do what they are there for; any thread */
    QuorumMerge(Predicate<View> enough) {
        this.enough = enough;
        setId(ClassConfigurator.getProtocolId(MERGE3.class));
        setMinInterval(INTERVAL_MS / 2).setMaxInterval(INTERVAL_MS);
    }

    private long hurry(long intervalMs) {
        var now = view;
        return now == null || enough.test(now) ? intervalMs : HURRIED_INTERVAL_MS;
    }

    @Override
    protected synchronized void startInfoSender() {
        if (info_sender_future == null || info_sender_future.isDone()) {
            info_sender_future = timer.scheduleWithDynamicInterval(new Info(), getTransport() instanceof TCP);
        }
    }

    @Override
    protected synchronized void startViewConsistencyChecker() {
        if (view_consistency_checker == null || view_consistency_checker.isDone()) {
            view_consistency_checker = timer.scheduleWithDynamicInterval(new Check());
        }
    }

    private final class Info extends InfoSender {
        @Override
        public long nextInterval() {
            return hurry(super.nextInterval());
        }
    }

    private final class Check extends ViewConsistencyChecker {
        @Override
        public long nextInterval() {
            return hurry(super.nextInterval());
        }
    }
}
