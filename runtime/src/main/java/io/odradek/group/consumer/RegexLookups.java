package io.odradek.group.consumer;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** When the topics of a group's regular expressions are looked up again. Used by one shard only. */
final class RegexLookups {
    /** However many reasons there are, no more often than that. Kafka's number. */
    private static final long MIN_INTERVAL_MS = 10_000;

    private final GroupEnvironment environment;

    /** When the lookup that a group waits for was begun. One that got lost counts for the minimal interval. */
    private final Map<String, Long> underWay = new HashMap<>();

    RegexLookups(GroupEnvironment environment) {
        this.environment = environment;
    }

    /** What is to be looked up for this group now, if anything. It counts as under way from now on. */
    Optional<RegexLookup> due(ConsumerGroup group) {
        var subscriptions = group.subscriptions();
        if (subscriptions.regexes().isEmpty()) {
            return Optional.empty();
        }
        long now = environment.nowMs();
        var begun = underWay.get(group.groupId());
        if (begun != null && now <= begun + MIN_INTERVAL_MS) {
            return Optional.empty();
        }
        var last = subscriptions.resolvedAtMs();
        if (last.isPresent()) {
            if (now <= last.getAsLong() + MIN_INTERVAL_MS) {
                return Optional.empty();
            }
            boolean complete = subscriptions
                    .resolved()
                    .keySet()
                    .equals(subscriptions.regexes().keySet());
            boolean upToDate = subscriptions.resolvedVersion() >= environment.newTopicsVersion();
            boolean recent = now <= last.getAsLong() + environment.settings().regexRefreshIntervalMs();
            if (complete && upToDate && recent) {
                return Optional.empty();
            }
        }
        underWay.put(group.groupId(), now);
        return Optional.of(new RegexLookup(
                group.groupId(), Set.copyOf(subscriptions.regexes().keySet()), environment.image(), now));
    }

    void done(String groupId) {
        underWay.remove(groupId);
    }
}
