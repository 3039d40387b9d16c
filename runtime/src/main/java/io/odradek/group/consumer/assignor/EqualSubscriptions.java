package io.odradek.group.consumer.assignor;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/**
 * Uniform assignment where all members are subscribed to the same topics: each member has a quota, keeps what it has up to
 * that, and what is left goes to those who have not reached theirs. No partition moves that does not have to.
 */
final class EqualSubscriptions {
    private final List<MemberSpec> members;
    private final Set<Uuid> topics;
    private final Shares shares;
    private final int quota;

    /** How many members may still have one partition more than the quota. */
    private int extras;

    EqualSubscriptions(GroupSpec group) {
        members = List.copyOf(group.members().values());
        topics = new TreeSet<>(members.get(0).subscribedTopics());
        shares = new Shares(group, topics);
        int partitions = topics.stream().mapToInt(group.partitionCounts()::get).sum();
        quota = partitions / members.size();
        extras = partitions % members.size();
    }

    Map<String, Map<Uuid, Set<Integer>>> assign() {
        for (int member = 0; member < members.size(); member++) {
            keep(member);
        }
        var next = 0;
        for (var topic : topics) {
            var owners = shares.owners(topic);
            for (int partition = 0; partition < owners.length; partition++) {
                if (owners[partition] == Shares.NOBODY) {
                    next = nextWithRoom(next);
                    shares.give(topic, partition, next);
                }
            }
        }
        return shares.byMember();
    }

    /** What the member has already, at most its quota. The first who have more keep one of those that do not divide evenly. */
    private void keep(int member) {
        for (var topic : new TreeSet<>(members.get(member).assigned().keySet())) {
            for (var partition : new TreeSet<>(members.get(member).assigned().get(topic))) {
                if (!shares.isFree(topic, partition)) {
                    continue;
                }
                if (shares.load(member) == quota) {
                    if (extras == 0) {
                        return;
                    }
                    extras--;
                } else if (shares.load(member) > quota) {
                    return;
                }
                shares.give(topic, partition, member);
            }
        }
    }

    /** The first from this member on that may have one more. Members fill up to the quota first, extras go out last. */
    private int nextWithRoom(int from) {
        for (int i = 0; i < shares.members(); i++) {
            int member = (from + i) % shares.members();
            if (shares.load(member) < quota) {
                return member;
            }
        }
        for (int member = 0; member < shares.members(); member++) {
            if (shares.load(member) == quota) {
                extras--;
                return member;
            }
        }
        throw new IllegalStateException("More partitions than the quotas of all members");
    }
}
