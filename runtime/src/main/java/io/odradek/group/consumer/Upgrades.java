package io.odradek.group.consumer;

import io.odradek.group.Group;
import io.odradek.group.Groups;
import io.odradek.group.classic.ClassicGroup;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.group.classic.ClassicMember;
import io.odradek.group.message.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.odradek.group.message.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.protocol.types.SchemaException;
import org.jboss.logging.Logger;
import org.pcollections.HashTreePMap;

/**
 * Finds the consumer group that a member wants to join, and makes it of a classic group if it is one (KIP-848): at once if
 * nobody is in there, else together with its members, who go on with the classic protocol.
 */
final class Upgrades {
    private static final Logger LOG = Logger.getLogger(Upgrades.class);

    private final GroupEnvironment environment;
    private final Groups groups;
    private final GroupTimers timers;
    private final Supplier<ClassicGroups> classicGroups;

    /** Classic groups that an operation wants to replace, until its records are replayed: it may still fail. */
    private final Map<String, ClassicGroup> replaced = new HashMap<>();

    Upgrades(GroupEnvironment environment, Groups groups, GroupTimers timers, Supplier<ClassicGroups> classicGroups) {
        this.environment = environment;
        this.groups = groups;
        this.timers = timers;
        this.classicGroups = classicGroups;
    }

    /** @throws GroupIdNotFoundException there is no such group, or it is of another kind */
    ConsumerGroup require(String groupId) {
        return consumerGroup(groups.get(groupId)
                .orElseThrow(
                        () -> new GroupIdNotFoundException(String.format("Consumer group %s not found.", groupId))));
    }

    private static ConsumerGroup consumerGroup(Group group) {
        if (group instanceof ConsumerGroup consumers) {
            return consumers;
        }
        throw new GroupIdNotFoundException(String.format("Group %s is not a consumer group.", group.groupId()));
    }

    /** @throws GroupIdNotFoundException the group is of another kind and cannot become a consumer group */
    GroupDraft existingOrNew(String groupId) {
        var existing = groups.get(groupId);
        if (existing.isEmpty()) {
            return new GroupDraft(ConsumerGroup.empty(groupId));
        }
        if (!(existing.get() instanceof ClassicGroup classic)) {
            return new GroupDraft(consumerGroup(existing.get()));
        }
        var draft = new GroupDraft(ConsumerGroup.empty(groupId));
        if (classic.state() != GroupState.EMPTY) {
            requireConvertible(classic);
            draft.addAll(GroupRecords.all(convert(classic)));
        }
        draft.startWith(classic.tombstones());
        replaced.put(groupId, classic);
        return draft;
    }

    /** A record of the consumer group is replayed: whoever waited in the classic group is told to join again. */
    void replayed(String groupId) {
        var classic = replaced.remove(groupId);
        if (classic != null) {
            classicGroups.get().convertFrom(classic);
            classic.members().forEach(member -> timers.session(groupId, member.memberId(), member.sessionTimeoutMs()));
            LOG.infof("Group %s is a consumer group from now on", groupId);
        }
    }

    private void requireConvertible(ClassicGroup classic) {
        Optional<String> obstacle = Optional.empty();
        if (!environment.settings().migrationPolicy().allowsUpgrade()) {
            obstacle = Optional.of("online upgrade is disabled");
        } else if (!classic.usesConsumerProtocol()) {
            obstacle = Optional.of("the group does not use the consumer embedded protocol");
        } else if (classic.members().size() > environment.settings().maxSize()) {
            obstacle = Optional.of("the group size exceeds the consumer group maximum size");
        }
        obstacle.ifPresent(why -> {
            throw impossible(classic, why + ".");
        });
    }

    private static GroupIdNotFoundException impossible(ClassicGroup classic, String why) {
        return new GroupIdNotFoundException(
                String.format("Cannot upgrade classic group %s to consumer group because %s", classic.groupId(), why));
    }

    /** All members are where the last generation left them, which is the target too. */
    private ConsumerGroup convert(ClassicGroup classic) {
        int epoch = classic.generationId();
        var group = ConsumerGroup.empty(classic.groupId()).with(new TargetAssignment(epoch, 0, HashTreePMap.empty()));
        for (var member : classic.members()) {
            try {
                var assignment = assignment(classic, member);
                group = group.with(group.target().with(member.memberId(), assignment))
                        .with(new ConsumerGroupMember(
                                member.memberId(),
                                metadata(classic, member),
                                new CurrentAssignment(
                                        epoch,
                                        epoch,
                                        MemberState.STABLE,
                                        OwnedPartitions.of(assignment, epoch),
                                        OwnedPartitions.NONE)));
            } catch (SchemaException e) {
                throw impossible(classic, "the embedded consumer protocol is malformed.");
            }
        }
        return group.at(epoch, environment.metadataHash(group));
    }

    private Assignment assignment(ClassicGroup classic, ClassicMember member) {
        // A member that has never synced has none.
        if (member.assignment().length == 0) {
            return Assignment.NONE;
        }
        var assignment = EmbeddedProtocol.assignment(member.assignment());
        if (assignment.userData() != null && assignment.userData().hasRemaining()) {
            throw impossible(
                    classic,
                    "an unsupported custom assignor is in use. "
                            + "Please refer to the documentation or switch to a default assignor before re-attempting"
                            + " the upgrade.");
        }
        return EmbeddedProtocol.assignment(assignment, environment.image());
    }

    private static MemberMetadata metadata(ClassicGroup classic, ClassicMember member) {
        // A group that rebalances for the first time has not chosen a protocol yet.
        var protocol = classic.protocolName()
                .orElseGet(() -> member.protocols().names().iterator().next());
        var subscription = EmbeddedProtocol.subscription(member.protocols().metadata(protocol));
        var protocols = new ArrayList<ClassicProtocol>();
        member.protocols()
                .asMap()
                .forEach((name, metadata) ->
                        protocols.add(new ClassicProtocol().setName(name).setMetadata(metadata)));
        return new MemberMetadata(
                member.groupInstanceId(),
                EmbeddedProtocol.rack(subscription),
                member.rebalanceTimeoutMs(),
                member.clientId(),
                member.clientHost(),
                MemberMetadata.sorted(subscription.topics()),
                "",
                Optional.empty(),
                Optional.of(new ClassicMemberMetadata()
                        .setSessionTimeoutMs(member.sessionTimeoutMs())
                        .setSupportedProtocols(protocols)));
    }
}
