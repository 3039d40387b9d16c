package io.odradek.group.classic;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/** A client that is a member of the group: it does what consumers do, one step with each {@link #act}. */
final class TestMember {
    static final int PARTITIONS = 24;

    private final TestGroup group;
    private Optional<String> instanceId = Optional.empty();
    private String protocolType = "test";
    private List<String> protocols = List.of("range");
    private byte[] metadata = {1};
    private int sessionTimeoutMs = TestGroup.SESSION_MS;
    private int rebalanceTimeoutMs = TestGroup.REBALANCE_MS;

    private String memberId = "";
    private int generation = -1;
    private Optional<CompletableFuture<JoinGroupResponseData>> joining = Optional.empty();
    private Optional<CompletableFuture<SyncGroupResponseData>> syncing = Optional.empty();
    private JoinGroupResponseData joined = new JoinGroupResponseData();
    private Optional<String> assignment = Optional.empty();
    private boolean fenced;

    TestMember(TestGroup group) {
        this.group = group;
    }

    TestMember instance(String id) {
        instanceId = Optional.of(id);
        return this;
    }

    TestMember protocolType(String type) {
        protocolType = type;
        return this;
    }

    TestMember protocols(String... names) {
        protocols = List.of(names);
        return this;
    }

    TestMember metadata(byte[] bytes) {
        metadata = bytes;
        return this;
    }

    TestMember sessionTimeoutMs(int ms) {
        sessionTimeoutMs = ms;
        return this;
    }

    TestMember rebalanceTimeoutMs(int ms) {
        rebalanceTimeoutMs = ms;
        return this;
    }

    /** The same client after a restart: a static member that does not know its id any more. */
    TestMember restarted() {
        var again = group.member();
        again.instanceId = instanceId;
        again.protocolType = protocolType;
        again.protocols = protocols;
        again.metadata = metadata;
        again.sessionTimeoutMs = sessionTimeoutMs;
        again.rebalanceTimeoutMs = rebalanceTimeoutMs;
        return again;
    }

    String id() {
        return memberId;
    }

    int generation() {
        return generation;
    }

    boolean isStable() {
        return assignment.isPresent();
    }

    boolean isFenced() {
        return fenced;
    }

    /** Which partitions the leader gave to this member. */
    TreeSet<Integer> partitions() {
        var partitions = new TreeSet<Integer>();
        for (var number : assignment.orElse("").split(",")) {
            if (!number.isEmpty()) {
                partitions.add(Integer.parseInt(number));
            }
        }
        return partitions;
    }

    JoinGroupRequestData joinRequest() {
        var request = new JoinGroupRequestData()
                .setGroupId(TestGroup.ID)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId.orElse(null))
                .setProtocolType(protocolType)
                .setSessionTimeoutMs(sessionTimeoutMs)
                .setRebalanceTimeoutMs(rebalanceTimeoutMs);
        protocols.forEach(name -> request.protocols()
                .add(new JoinGroupRequestProtocol().setName(name).setMetadata(metadata)));
        return request;
    }

    CompletableFuture<JoinGroupResponseData> join() {
        return group.join(joinRequest()).toCompletableFuture();
    }

    SyncGroupRequestData syncRequest() {
        var request = new SyncGroupRequestData()
                .setGroupId(TestGroup.ID)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId.orElse(null))
                .setGenerationId(generation)
                .setProtocolType(joined.protocolType())
                .setProtocolName(joined.protocolName());
        if (leads() && !joined.skipAssignment()) {
            request.setAssignments(assign(joined.members()));
        }
        return request;
    }

    CompletableFuture<SyncGroupResponseData> sync() {
        return group.sync(syncRequest()).toCompletableFuture();
    }

    boolean leads() {
        return !memberId.isEmpty() && memberId.equals(joined.leader());
    }

    Errors heartbeat() {
        return group.heartbeat(new HeartbeatRequestData()
                .setGroupId(TestGroup.ID)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId.orElse(null))
                .setGenerationId(generation));
    }

    /** Partitions in turn to the members in the order in which the coordinator names them. */
    private static List<SyncGroupRequestAssignment> assign(List<JoinGroupResponseMember> members) {
        var assignments = new ArrayList<SyncGroupRequestAssignment>();
        for (int i = 0; i < members.size(); i++) {
            var text = new StringBuilder();
            for (int partition = i; partition < PARTITIONS; partition += members.size()) {
                text.append(partition).append(',');
            }
            assignments.add(new SyncGroupRequestAssignment()
                    .setMemberId(members.get(i).memberId())
                    .setAssignment(text.toString().getBytes(StandardCharsets.US_ASCII)));
        }
        return assignments;
    }

    /** Takes up an answer if there is one; sends what is to be sent next. */
    void act() {
        if (fenced) {
            return;
        }
        if (joining.isPresent()) {
            if (joining.get().isDone()) {
                var response = joining.get().join();
                joining = Optional.empty();
                onJoined(response);
            }
        } else if (syncing.isPresent()) {
            if (syncing.get().isDone()) {
                var response = syncing.get().join();
                syncing = Optional.empty();
                onSynced(response);
            }
        } else if (assignment.isPresent()) {
            var error = heartbeat();
            if (error != Errors.NONE) {
                onError(error);
            }
        } else {
            joining = Optional.of(join());
        }
    }

    private void onJoined(JoinGroupResponseData response) {
        var error = Errors.forCode(response.errorCode());
        if (error == Errors.NONE) {
            memberId = response.memberId();
            generation = response.generationId();
            joined = response;
            syncing = Optional.of(sync());
        } else if (error == Errors.MEMBER_ID_REQUIRED) {
            memberId = response.memberId();
        } else {
            onError(error);
        }
    }

    private void onSynced(SyncGroupResponseData response) {
        var error = Errors.forCode(response.errorCode());
        if (error == Errors.NONE) {
            assignment = Optional.of(new String(response.assignment(), StandardCharsets.US_ASCII));
        } else {
            onError(error);
        }
    }

    private void onError(Errors error) {
        assignment = Optional.empty();
        switch (error) {
            case UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION -> {
                memberId = "";
                generation = -1;
            }
            case FENCED_INSTANCE_ID -> fenced = true;
            case REBALANCE_IN_PROGRESS, NOT_COORDINATOR -> {}
            default -> throw new AssertionError("unexpected: " + error);
        }
    }

    /** It has something new to say, and joins again for that. */
    void changed() {
        assignment = Optional.empty();
    }

    /** What was asked is not answered any more. */
    void connectionLost() {
        joining = Optional.empty();
        syncing = Optional.empty();
    }

    @Override
    public String toString() {
        return memberId + "@" + generation + (isStable() ? " stable" : joining.isPresent() ? " joining" : "");
    }
}
