package io.odradek.group.consumer;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What the members of a group are subscribed to, all together. Immutable.
 *
 * @param names how many members are subscribed to each topic by its name
 * @param regexes how many members are subscribed to each regular expression
 * @param resolved the topics of each regular expression, as far as they have been looked up
 */
record Subscriptions(PMap<String, Integer> names, PMap<String, Integer> regexes, PMap<String, ResolvedRegex> resolved) {
    static final Subscriptions NONE =
            new Subscriptions(HashTreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty());

    /** A member has changed from one to the other; empty for one that was not there before, or is no longer. */
    Subscriptions changed(Optional<MemberMetadata> before, Optional<MemberMetadata> after) {
        var names = this.names;
        var regexes = this.regexes;
        var oldNames = before.map(MemberMetadata::topicNames).orElse(Set.of());
        var newNames = after.map(MemberMetadata::topicNames).orElse(Set.of());
        if (!oldNames.equals(newNames)) {
            for (var name : newNames) {
                names = counted(names, name, 1);
            }
            for (var name : oldNames) {
                names = counted(names, name, -1);
            }
        }
        var oldRegex = before.map(MemberMetadata::topicRegex).orElse("");
        var newRegex = after.map(MemberMetadata::topicRegex).orElse("");
        if (!oldRegex.equals(newRegex)) {
            regexes = newRegex.isEmpty() ? regexes : counted(regexes, newRegex, 1);
            regexes = oldRegex.isEmpty() ? regexes : counted(regexes, oldRegex, -1);
        }
        return new Subscriptions(names, regexes, resolved);
    }

    private static PMap<String, Integer> counted(PMap<String, Integer> counts, String key, int change) {
        int count = counts.getOrDefault(key, 0) + change;
        return count == 0 ? counts.minus(key) : counts.plus(key, count);
    }

    Subscriptions resolved(String regex, Optional<ResolvedRegex> topics) {
        return new Subscriptions(
                names, regexes, topics.map(t -> resolved.plus(regex, t)).orElseGet(() -> resolved.minus(regex)));
    }

    /** Of all members, whether they exist or not. */
    Set<String> topicNames() {
        var topics = new TreeSet<>(names.keySet());
        resolved.values().forEach(regex -> topics.addAll(regex.topics()));
        return topics;
    }

    boolean contains(String topic) {
        return names.containsKey(topic)
                || resolved.values().stream().anyMatch(regex -> regex.topics().contains(topic));
    }

    /** What one member is subscribed to. A regular expression that has not been looked up yet stands for nothing. */
    Set<String> topicNames(MemberMetadata member) {
        var regex = member.hasRegex() ? resolved.get(member.topicRegex()) : null;
        if (regex == null || regex.topics().isEmpty()) {
            return member.topicNames();
        }
        if (member.topicNames().isEmpty()) {
            return regex.topics();
        }
        var both = new TreeSet<>(member.topicNames());
        both.addAll(regex.topics());
        return both;
    }

    /** When the regular expressions were last looked up, which they are all together. Wall clock. */
    OptionalLong resolvedAtMs() {
        return resolved.values().stream().mapToLong(ResolvedRegex::timestampMs).findFirst();
    }

    /** In which version of the metadata the regular expressions were last looked up; 0 if none was. */
    long resolvedVersion() {
        return resolved.values().stream()
                .mapToLong(ResolvedRegex::version)
                .findFirst()
                .orElse(0);
    }
}
