package io.odradek.group.consumer;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.group.classic.ClassicGroup;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.group.classic.ClassicMember;
import io.odradek.group.classic.MemberProtocols;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.protocol.types.SchemaException;
import org.jboss.logging.Logger;

/** Turns a consumer group, in which all members speak the classic protocol, back into a classic group (KIP-848). */
final class Downgrades {
    private static final Logger LOG = Logger.getLogger(Downgrades.class);

    private final GroupEnvironment environment;
    private final GroupTimers timers;
    private final Supplier<ClassicGroups> classicGroups;

    Downgrades(GroupEnvironment environment, GroupTimers timers, Supplier<ClassicGroups> classicGroups) {
        this.environment = environment;
        this.timers = timers;
        this.classicGroups = classicGroups;
    }

    /** Whether the group becomes a classic one when these members leave. */
    boolean isDueWithout(ConsumerGroup group, Collection<ConsumerGroupMember> leaving) {
        var staying = group.members().values().stream()
                .filter(member -> !leaving.contains(member))
                .toList();
        return !staying.isEmpty() && isDue(group.groupId(), staying);
    }

    /** Whether the group becomes a classic one when a classic member takes the place of this static member. */
    boolean isDueWithReplacement(ConsumerGroup group, ConsumerGroupMember replaced) {
        var others = group.members().values().stream()
                .filter(member -> !member.equals(replaced))
                .toList();
        return !replaced.usesClassicProtocol()
                && isAllowed(group.groupId(), others, group.members().size());
    }

    private boolean isDue(String groupId, List<ConsumerGroupMember> members) {
        return isAllowed(groupId, members, members.size());
    }

    private boolean isAllowed(String groupId, List<ConsumerGroupMember> classicMembers, int size) {
        if (!classicMembers.stream().allMatch(ConsumerGroupMember::usesClassicProtocol)) {
            return false;
        }
        if (!environment.settings().migrationPolicy().allowsDowngrade()) {
            LOG.infof("Group %s stays a consumer group: online downgrade is disabled", groupId);
            return false;
        }
        if (size > environment.classicGroupMaxSize()) {
            LOG.infof("Group %s stays a consumer group: it is too large for a classic one", groupId);
            return false;
        }
        return true;
    }

    /** What members leave behind: a classic group that rebalances. */
    <T> Decision<T> without(ConsumerGroup group, Collection<ConsumerGroupMember> leaving, T response) {
        var classic = classicGroup(
                group,
                group.members().values().stream()
                        .filter(member -> !leaving.contains(member))
                        .toList());
        var records = new ArrayList<>(GroupRecords.tombstones(group));
        records.addAll(replace(group, classic));
        return Decision.of(records, response).whenCommitted(() -> {
            cancelTimers(group);
            rebalance(classic, "members have left");
        });
    }

    private void rebalance(ClassicGroup classic, String why) {
        classicGroups.get().rebalance(classic, "it was a consumer group, and " + why);
    }

    /**
     * A static member of the classic protocol has taken the place of the last member of the consumer protocol.
     *
     * @param draft in which it has done so
     * @param stale whether there would have to be a new target assignment: the classic group rebalances then
     */
    <T> Decision<T> afterReplacement(GroupDraft draft, boolean stale, T response) {
        var group = draft.group();
        var classic = classicGroup(group, List.copyOf(group.members().values()));
        var records = new ArrayList<>(draft.records());
        records.addAll(GroupRecords.tombstones(group));
        records.addAll(replace(group, classic));
        var decision = Decision.of(records, response).whenCommitted(() -> cancelTimers(group));
        return stale ? decision.whenCommitted(() -> rebalance(classic, "its assignment is stale")) : decision;
    }

    private List<CoordinatorRecord> replace(ConsumerGroup group, ClassicGroup classic) {
        LOG.infof("Group %s becomes a classic group", group.groupId());
        return classicGroups.get().convertTo(classic);
    }

    /** Not before the records are written: until then the group may stay what it is. */
    private void cancelTimers(ConsumerGroup group) {
        group.members().keySet().forEach(member -> timers.cancelAll(group.groupId(), member));
    }

    private ClassicGroup classicGroup(ConsumerGroup group, List<ConsumerGroupMember> members) {
        try {
            var classic = ClassicGroup.ofConsumers(
                    group.groupId(),
                    environment.nowMs(),
                    group.epoch(),
                    members.stream().map(Downgrades::classicMember).toList());
            var protocol = classic.protocolName().orElseThrow();
            var assignments = new HashMap<String, byte[]>();
            members.forEach(member -> assignments.put(
                    member.memberId(),
                    EmbeddedProtocol.bytes(
                            group.target().of(member.memberId()),
                            member.metadata().classic().orElseThrow().supportedProtocols().stream()
                                    .filter(p -> p.name().equals(protocol))
                                    .findFirst()
                                    .orElseThrow(),
                            environment.image())));
            classic.assign(assignments);
            return classic;
        } catch (SchemaException e) {
            throw new GroupIdNotFoundException(
                    String.format("Cannot downgrade the classic group %s: %s.", group.groupId(), e.getMessage()));
        }
    }

    private static ClassicMember classicMember(ConsumerGroupMember member) {
        var metadata = member.metadata();
        var classic = metadata.classic().orElseThrow();
        var protocols = new LinkedHashMap<String, byte[]>();
        classic.supportedProtocols().forEach(protocol -> protocols.put(protocol.name(), protocol.metadata()));
        return new ClassicMember(
                member.memberId(),
                metadata.instanceId(),
                metadata.clientId(),
                metadata.clientHost(),
                new ClassicMember.Terms(
                        metadata.rebalanceTimeoutMs(), classic.sessionTimeoutMs(), MemberProtocols.of(protocols)),
                new byte[0]);
    }
}
