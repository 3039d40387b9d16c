package io.odradek.group.consumer;

import io.odradek.group.consumer.assignor.GroupSpec;
import io.odradek.group.consumer.assignor.MemberSpec;
import io.odradek.group.consumer.assignor.PartitionAssignor;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/** Computes the target assignment of a group whose epoch is ahead of it. */
final class TargetComputation {
    private final GroupEnvironment environment;

    TargetComputation(GroupEnvironment environment) {
        this.environment = environment;
    }

    /** Adds the records of what differs; nothing if the target is up to date, or was computed only just now (KIP-1263). */
    void update(GroupDraft draft) {
        var group = draft.group();
        if (!isDue(group)) {
            return;
        }
        var partitionCounts = new HashMap<Uuid, Integer>();
        var assignment = assignor(group).assign(new GroupSpec(members(group, partitionCounts), partitionCounts));
        assignment.forEach((memberId, partitions) -> {
            var target = new Assignment(partitions);
            if (!target.equals(group.target().members().get(memberId))) {
                draft.add(GroupRecords.target(group.groupId(), memberId, target));
            }
        });
        draft.add(GroupRecords.targetEpoch(group.groupId(), group.epoch(), environment.nowMs()));
    }

    /** Whether the group needs a new target assignment and may have one. */
    boolean isDue(ConsumerGroup group) {
        int intervalMs = environment.assignmentIntervalMs(group.groupId());
        boolean mayBe = group.target().timestampMs() == 0
                || intervalMs == 0
                || environment.nowMs() >= group.target().timestampMs() + intervalMs;
        return group.target().epoch() < group.epoch() && mayBe;
    }

    private PartitionAssignor assignor(ConsumerGroup group) {
        return PartitionAssignor.named(
                        assignorName(group, environment.settings().assignors()))
                .orElseThrow();
    }

    /** The one that most members would like; the first of those that are served if they do not care. */
    static String assignorName(ConsumerGroup group, List<String> served) {
        var wishes = new HashMap<String, Integer>();
        group.members().values().forEach(member -> member.metadata()
                .serverAssignor()
                .ifPresent(name -> wishes.merge(name, 1, Integer::sum)));
        return served.stream()
                .filter(wishes::containsKey)
                .max(Comparator.<String>comparingInt(wishes::get)
                        .thenComparing(
                                Comparator.<String>comparingInt(served::indexOf).reversed()))
                .orElse(served.get(0));
    }

    private Map<String, MemberSpec> members(ConsumerGroup group, Map<Uuid, Integer> partitionCounts) {
        var topicsOf = new HashMap<Set<String>, Set<Uuid>>();
        var members = new HashMap<String, MemberSpec>();
        group.members().forEach((id, member) -> {
            var topics = topicsOf.computeIfAbsent(
                    group.subscriptions().topicNames(member.metadata()), environment::topicIds);
            members.put(
                    id,
                    new MemberSpec(
                            member.instanceId(), topics, group.target().of(id).partitions()));
        });
        topicsOf.values()
                .forEach(topics -> topics.forEach(id -> environment
                        .image()
                        .topics()
                        .byId(id)
                        .ifPresent(topic ->
                                partitionCounts.put(id, topic.partitions().size()))));
        return members;
    }
}
