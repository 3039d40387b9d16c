package io.odradek.group.classic;

import io.odradek.group.Groups;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;

/** Classic groups as DescribeGroups shows them. */
final class Descriptions {
    private Descriptions() {}

    static DescribedGroup of(Groups groups, String groupId) {
        if (groups.require(groupId) instanceof ClassicGroup group) {
            return of(group);
        }
        throw new GroupIdNotFoundException(String.format("Group %s is not a classic group.", groupId));
    }

    /** What members subscribe to is told only of a stable group: before, the protocol may not be settled. */
    private static DescribedGroup of(ClassicGroup group) {
        boolean stable = group.isIn(GroupState.STABLE);
        return new DescribedGroup()
                .setGroupId(group.groupId())
                .setGroupState(group.state().toString())
                .setProtocolType(group.protocolType().orElse(""))
                .setProtocolData(stable ? group.protocolName().orElseThrow() : "")
                .setMembers(group.members().stream()
                        .map(member -> {
                            var described = of(member);
                            return stable
                                    ? described.setMemberMetadata(member.protocols()
                                            .metadata(group.protocolName().orElseThrow()))
                                    : described;
                        })
                        .toList());
    }

    private static DescribedGroupMember of(ClassicMember member) {
        return new DescribedGroupMember()
                .setMemberId(member.memberId())
                .setGroupInstanceId(member.groupInstanceId().orElse(null))
                .setClientId(member.clientId())
                .setClientHost(member.clientHost())
                .setMemberAssignment(member.assignment());
    }
}
