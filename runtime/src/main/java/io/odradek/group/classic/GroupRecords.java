package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.message.GroupMetadataKey;
import io.odradek.group.message.GroupMetadataValue;
import io.odradek.group.message.GroupMetadataValue.MemberMetadata;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.protocol.MessageUtil;

/** A classic group as a record of {@code __consumer_offsets}. */
final class GroupRecords {
    /** As Apache Kafka 4.3 writes it. */
    private static final short VALUE_VERSION = 3;

    private static final long NO_TIMESTAMP = -1;
    private static final int NO_TIMEOUT = -1;

    private GroupRecords() {}

    /** The group with the assignments that its members have. */
    static CoordinatorRecord of(ClassicGroup group) {
        var members = new ArrayList<MemberMetadata>();
        for (var member : group.members()) {
            members.add(new MemberMetadata()
                    .setMemberId(member.memberId())
                    .setGroupInstanceId(member.groupInstanceId().orElse(null))
                    .setClientId(member.clientId())
                    .setClientHost(member.clientHost())
                    .setRebalanceTimeout(member.rebalanceTimeoutMs())
                    .setSessionTimeout(member.sessionTimeoutMs())
                    .setSubscription(
                            member.protocols().metadata(group.protocolName().orElseThrow()))
                    .setAssignment(member.assignment()));
        }
        return record(
                group.groupId(),
                new GroupMetadataValue()
                        .setProtocolType(group.protocolType().orElse(""))
                        .setProtocol(group.protocolName().orElse(null))
                        .setGeneration(group.generationId())
                        .setLeader(group.leaderId().orElse(null))
                        .setCurrentStateTimestamp(group.stateSinceMs().orElse(NO_TIMESTAMP))
                        .setMembers(members));
    }

    /** A group that begins to exist, whoever may be joining it already. */
    static CoordinatorRecord ofNew(ClassicGroup group) {
        return record(
                group.groupId(),
                new GroupMetadataValue()
                        .setProtocolType("")
                        .setProtocol(null)
                        .setLeader(null)
                        .setCurrentStateTimestamp(group.stateSinceMs().orElse(NO_TIMESTAMP)));
    }

    static CoordinatorRecord tombstone(String groupId) {
        return CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup(groupId));
    }

    private static CoordinatorRecord record(String groupId, GroupMetadataValue value) {
        return CoordinatorRecord.of(new GroupMetadataKey().setGroup(groupId), value, VALUE_VERSION);
    }

    /** What the record takes in the log, roughly: key and value, without what the batch adds. */
    static int sizeBytes(CoordinatorRecord record) {
        return MessageUtil.toCoordinatorTypePrefixedBytes(record.key()).length
                + MessageUtil.toVersionPrefixedBytes(
                                VALUE_VERSION, record.value().orElseThrow())
                        .length;
    }

    static ClassicGroup read(String groupId, GroupMetadataValue value) {
        return ClassicGroup.recorded(
                groupId,
                value.currentStateTimestamp() == NO_TIMESTAMP
                        ? OptionalLong.empty()
                        : OptionalLong.of(value.currentStateTimestamp()),
                value.generation(),
                Optional.ofNullable(value.protocolType()).filter(type -> !type.isEmpty()),
                Optional.ofNullable(value.protocol()),
                Optional.ofNullable(value.leader()),
                value.members().stream()
                        .map(member -> read(value.protocol(), member))
                        .toList());
    }

    private static ClassicMember read(String protocol, MemberMetadata member) {
        int rebalanceTimeoutMs =
                member.rebalanceTimeout() == NO_TIMEOUT ? member.sessionTimeout() : member.rebalanceTimeout();
        return new ClassicMember(
                member.memberId(),
                Optional.ofNullable(member.groupInstanceId()),
                member.clientId(),
                member.clientHost(),
                new ClassicMember.Terms(
                        rebalanceTimeoutMs,
                        member.sessionTimeout(),
                        MemberProtocols.of(Map.of(protocol, member.subscription()))),
                member.assignment());
    }
}
