package io.odradek.bench;

import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;

/** A member of the classic protocol; as a leader it gives everyone the same assignment of a plausible size. */
final class ClassicMember implements Member {
    private static final short JOIN_VERSION = 9;
    private static final short SYNC_VERSION = 5;
    private static final short HEARTBEAT_VERSION = 4;
    private static final int SESSION_TIMEOUT_MS = 600_000;
    private static final byte[] METADATA = new byte[64];
    private static final byte[] ASSIGNMENT = new byte[64];

    private final String group;
    private final int members;
    private String memberId = "";
    private int generation = -1;
    private volatile int agreed = -1;

    /** @param members how many there will be: a generation of fewer is not stable */
    ClassicMember(String group, int members) {
        this.group = group;
        this.members = members;
    }

    @Override
    public void step(Connection connection) throws IOException {
        if (generation < 0) {
            join(connection);
            return;
        }
        var error = connection.call(heartbeat(), HeartbeatResponse.class).error();
        if (error != Errors.NONE) {
            rejoin(error);
        }
    }

    private void join(Connection connection) throws IOException {
        var protocols = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                .setName("range")
                .setMetadata(METADATA));
        var request = new JoinGroupRequest.Builder(new JoinGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(memberId)
                        .setProtocolType("consumer")
                        .setProtocols(protocols)
                        .setSessionTimeoutMs(SESSION_TIMEOUT_MS)
                        .setRebalanceTimeoutMs(60_000))
                .build(JOIN_VERSION);
        var joined = connection.call(request, JoinGroupResponse.class);
        memberId = joined.data().memberId();
        if (joined.error() == Errors.MEMBER_ID_REQUIRED) {
            join(connection);
        } else if (joined.error() == Errors.NONE) {
            sync(connection, joined);
        } else {
            rejoin(joined.error());
        }
    }

    private void sync(Connection connection, JoinGroupResponse joined) throws IOException {
        var assignments = joined.isLeader()
                ? joined.data().members().stream()
                        .map(m -> new SyncGroupRequestData.SyncGroupRequestAssignment()
                                .setMemberId(m.memberId())
                                .setAssignment(
                                        assignment(joined.data().members().size())))
                        .toList()
                : List.<SyncGroupRequestData.SyncGroupRequestAssignment>of();
        var request = new SyncGroupRequest.Builder(new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(memberId)
                        .setGenerationId(joined.data().generationId())
                        .setProtocolType("consumer")
                        .setProtocolName("range")
                        .setAssignments(assignments))
                .build(SYNC_VERSION);
        var synced = connection.call(request, SyncGroupResponse.class);
        if (synced.error() == Errors.NONE) {
            generation = joined.data().generationId();
            agreed = synced.data().assignment().length == assignment(members).length ? generation : -1;
        } else {
            rejoin(synced.error());
        }
    }

    /** Its length says for how many members it was made. */
    private static byte[] assignment(int members) {
        return new byte[ASSIGNMENT.length + members];
    }

    private void rejoin(Errors error) {
        generation = -1;
        agreed = -1;
        switch (error) {
            case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR -> {}
            case UNKNOWN_MEMBER_ID -> memberId = "";
            default -> throw new IllegalStateException("a member cannot join: " + error);
        }
    }

    @Override
    public int agreedEpoch() {
        return agreed;
    }

    @Override
    public AbstractRequest heartbeat() {
        return new HeartbeatRequest.Builder(new HeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(memberId)
                        .setGenerationId(generation))
                .build(HEARTBEAT_VERSION);
    }

    @Override
    public void checkStable(AbstractResponse answer) {
        var error = ((HeartbeatResponse) answer).error();
        if (error != Errors.NONE) {
            throw new IllegalStateException("a heartbeat in a stable group failed: " + error);
        }
    }
}
