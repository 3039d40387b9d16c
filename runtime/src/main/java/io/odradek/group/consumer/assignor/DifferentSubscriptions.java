package io.odradek.group.consumer.assignor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/**
 * Uniform assignment where members are subscribed to different topics: members keep what they have, free partitions go to
 * the subscriber with the fewest, and then each topic's partitions move from its subscribers with the most to those with
 * the fewest until that changes nothing. Among the subscribers of a topic that still have partitions of it to give, nobody
 * then has two more than another; where subscriptions overlap in chains, the whole may be less even than it could be.
 */
final class DifferentSubscriptions {
    /** Each round halves the imbalance, about; what is left after so many is not worth the time. Kafka's number. */
    private static final int MAX_ROUNDS = 16;

    private final List<MemberSpec> members;
    private final Map<Uuid, List<Integer>> subscribers = new TreeMap<>();
    private final List<Uuid> topics;
    private final Shares shares;
    private final Comparator<Integer> byLoad;

    DifferentSubscriptions(GroupSpec group) {
        members = List.copyOf(group.members().values());
        for (int member = 0; member < members.size(); member++) {
            for (var topic : members.get(member).subscribedTopics()) {
                subscribers.computeIfAbsent(topic, t -> new ArrayList<>()).add(member);
            }
        }
        shares = new Shares(group, subscribers.keySet());
        // Topics of which each subscriber must take the most come first, what can be spread widely evens out the rest.
        topics = new ArrayList<>(subscribers.keySet());
        topics.sort(Comparator.comparingDouble((Uuid t) ->
                        -(double) shares.owners(t).length / subscribers.get(t).size())
                .thenComparing(t -> subscribers.get(t).size())
                .thenComparing(Comparator.naturalOrder()));
        byLoad = Comparator.<Integer>comparingInt(shares::load).thenComparing(Comparator.naturalOrder());
    }

    Map<String, Map<Uuid, Set<Integer>>> assign() {
        for (int member = 0; member < members.size(); member++) {
            keep(member);
        }
        topics.forEach(this::giveAway);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            boolean moved = false;
            for (var topic : topics) {
                moved |= balance(topic);
            }
            if (!moved) {
                break;
            }
        }
        return shares.byMember();
    }

    private void keep(int member) {
        var spec = members.get(member);
        for (var topic : new TreeSet<>(spec.assigned().keySet())) {
            if (spec.subscribedTopics().contains(topic)) {
                for (var partition : new TreeSet<>(spec.assigned().get(topic))) {
                    if (shares.isFree(topic, partition)) {
                        shares.give(topic, partition, member);
                    }
                }
            }
        }
    }

    private void giveAway(Uuid topic) {
        var fewest = sorted(subscribers.get(topic));
        var owners = shares.owners(topic);
        for (int partition = 0; partition < owners.length; partition++) {
            if (owners[partition] == Shares.NOBODY) {
                int member = fewest.pollFirst();
                shares.give(topic, partition, member);
                fewest.add(member);
            }
        }
    }

    private boolean balance(Uuid topic) {
        var receivers = sorted(subscribers.get(topic));
        var owning = new TreeSet<Integer>();
        for (int owner : shares.owners(topic)) {
            owning.add(owner);
        }
        var givers = sorted(owning);
        boolean moved = false;
        while (shares.load(givers.last()) - shares.load(receivers.first()) > 1) {
            int from = givers.last();
            int to = receivers.first();
            // Out of the sorted sets before their loads change.
            for (var sorted : List.of(receivers, givers)) {
                sorted.remove(from);
                sorted.remove(to);
            }
            int partition = shares.last(topic, from);
            shares.give(topic, partition, to);
            receivers.add(from);
            receivers.add(to);
            givers.add(to);
            if (shares.has(topic, from)) {
                givers.add(from);
            }
            moved = true;
        }
        return moved;
    }

    private TreeSet<Integer> sorted(Iterable<Integer> of) {
        var sorted = new TreeSet<>(byLoad);
        of.forEach(sorted::add);
        return sorted;
    }
}
