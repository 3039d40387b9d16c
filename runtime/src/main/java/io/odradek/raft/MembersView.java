package io.odradek.raft;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** The present {@link Members}, and who wants to hear of them. Thread-safe. */
final class MembersView {
    private final List<MembersListener> listeners = new CopyOnWriteArrayList<>();
    private final InOrder telling = new InOrder();
    private volatile Members members;

    MembersView(Set<Integer> nodes) {
        members = new Members(nodes, false, false);
    }

    Members members() {
        return members;
    }

    /** The listener hears of the present members first. */
    void addListener(MembersListener listener) {
        synchronized (this) {
            var now = members;
            listeners.add(listener);
            telling.add(() -> listener.onMembers(now));
        }
        telling.run();
    }

    /** Tells nobody when nothing changed. */
    void change(UnaryOperator<Members> change) {
        synchronized (this) {
            var changed = change.apply(members);
            if (changed.equals(members)) {
                return;
            }
            members = changed;
            var all = List.copyOf(listeners);
            telling.add(() -> all.forEach(each -> each.onMembers(changed)));
        }
        telling.run();
    }
}
