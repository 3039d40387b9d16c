package io.odradek.group.consumer;

import java.util.Collection;

/** Takes members out of a group. */
final class Departures {
    private final GroupEnvironment environment;

    Departures(GroupEnvironment environment) {
        this.environment = environment;
    }

    /** The members are gone for good: their partitions are free, and the group needs a new target assignment. */
    void remove(GroupDraft draft, Collection<ConsumerGroupMember> members) {
        var groupId = draft.groupId();
        for (var member : members) {
            draft.addAll(GroupRecords.memberTombstones(groupId, member.memberId()));
        }
        members.stream()
                .map(ConsumerGroupMember::metadata)
                .filter(MemberMetadata::hasRegex)
                .map(MemberMetadata::topicRegex)
                .distinct()
                .filter(regex -> !draft.group().subscriptions().regexes().containsKey(regex))
                .forEach(regex -> draft.add(GroupRecords.regexTombstone(groupId, regex)));
        var group = draft.group();
        draft.add(GroupRecords.epoch(groupId, group.epoch() + 1, environment.metadataHash(group)));
    }

    /** A static member leaves and is expected back: nothing changes for the others. */
    void leaveForAWhile(GroupDraft draft, ConsumerGroupMember member) {
        draft.add(GroupRecords.current(
                draft.groupId(), member.with(member.current().away())));
    }
}
