package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.HEARTBEAT;
import static org.apache.kafka.common.protocol.ApiKeys.JOIN_GROUP;
import static org.apache.kafka.common.protocol.ApiKeys.LEAVE_GROUP;
import static org.apache.kafka.common.protocol.ApiKeys.SYNC_GROUP;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.Awaitility;

/**
 * A member of a classic group, with a connection of its own, since joins and syncs wait for the others. Its id is whatever
 * the broker gave it; the name stands for it.
 *
 * @param join the version of JoinGroup that it speaks; the other APIs' follow
 */
record ClassicClient(Script script, String group, String name, short join) {
    private static final int SESSION_TIMEOUT_MS = 60_000;
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final short FIRST_WITH_INSTANCES = 5;
    private static final short FIRST_WITH_KNOWN_MEMBERS = 4;

    ClassicClient(Script script, String group, String name) {
        this(script, group, name, JOIN_GROUP.latestVersion());
    }

    short sync() {
        return (short) Math.max(0, Math.min(SYNC_GROUP.latestVersion(), join - 2));
    }

    short heartbeatVersion() {
        return (short) Math.max(0, Math.min(HEARTBEAT.latestVersion(), join - 2));
    }

    short leaveVersion() {
        return (short) Math.max(0, Math.min(LEAVE_GROUP.latestVersion(), join - 2));
    }

    private String alias() {
        return "<" + name + " of " + group + ">";
    }

    private String title(String api, int version, String what) {
        return api + " v" + version + ": " + group + ", " + name + " " + what;
    }

    String id(Peer peer) {
        var id = peer.recall(alias());
        return id.equals(alias()) ? "" : id;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What a leader gives to a consumer. */
    static byte[] assignment(String topic, int... partitions) {
        var assigned = Arrays.stream(partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        return Utils.toArray(ConsumerProtocol.serializeAssignment(new Assignment(assigned)));
    }

    /** What consumers say of themselves. With anything else, Apache Kafka never answers the join. */
    static byte[] subscription(String userData, String... topics) {
        var subscription = new Subscription(List.of(topics), ByteBuffer.wrap(bytes(userData)));
        return Utils.toArray(ConsumerProtocol.serializeSubscription(subscription));
    }

    JoinGroupRequestData joinRequest(Peer peer) {
        var request = new JoinGroupRequestData()
                .setGroupId(group)
                .setSessionTimeoutMs(SESSION_TIMEOUT_MS)
                .setRebalanceTimeoutMs(SESSION_TIMEOUT_MS)
                .setMemberId(id(peer))
                .setProtocolType("consumer");
        request.protocols()
                .add(new JoinGroupRequestProtocol().setName("range").setMetadata(subscription("of " + name)));
        return request;
    }

    /** Sends JoinGroup; {@link #joined} takes the answer. */
    void joins(String what, Consumer<JoinGroupRequestData> changes) {
        script.change(title("JoinGroup", join, "begins to join " + what), peer -> {
            var request = joinRequest(peer);
            changes.accept(request);
            peer.begin(name, JOIN_GROUP, join, request);
            return TextNode.valueOf("sent");
        });
    }

    void joins() {
        joins("", request -> {});
    }

    /** The answer to JoinGroup, whose member id it keeps. */
    void joined(String what) {
        script.change(title("JoinGroup", join, "has joined " + what), this::finishJoin);
    }

    private JsonNode finishJoin(Peer peer) {
        JoinGroupResponseData answer = peer.finish(name);
        if (answer != null && !answer.memberId().isEmpty()) {
            peer.remember(alias(), answer.memberId());
        }
        return peer.finished(name, answer);
    }

    /** As {@link #joined}, of a member that may be the leader or not. */
    void joinedInAnyRole(String what) {
        script.change(title("JoinGroup", join, "has joined " + what), peer -> {
            var answer = finishJoin(peer);
            return TextNode.valueOf("error " + answer.get("errorCode") + ", generation " + answer.get("generationId"));
        });
    }

    /** Joins, which nothing has to be waited for. */
    void join(String what, Consumer<JoinGroupRequestData> changes) {
        script.change(title("JoinGroup", join, "joins " + what), peer -> {
            var request = joinRequest(peer);
            changes.accept(request);
            peer.begin(name, JOIN_GROUP, join, request);
            return finishJoin(peer);
        });
    }

    /** Joins for the first time: with the detour that newer versions take to get a member id. */
    void joinAnew() {
        if (join >= FIRST_WITH_KNOWN_MEMBERS) {
            join("without a member id", request -> {});
        }
        join("anew", request -> {});
    }

    /** The detour of {@link #joinAnew} and the start of the join itself. */
    void joinsAnew() {
        if (join >= FIRST_WITH_KNOWN_MEMBERS) {
            join("without a member id", request -> {});
        }
        joins();
    }

    SyncGroupRequestData syncRequest(Peer peer, int generation, Map<ClassicClient, String> assignments) {
        var request = new SyncGroupRequestData()
                .setGroupId(group)
                .setGenerationId(generation)
                .setMemberId(id(peer))
                .setProtocolType("consumer")
                .setProtocolName("range");
        assignments.forEach((member, assignment) -> request.assignments()
                .add(new SyncGroupRequestAssignment()
                        .setMemberId(member.id(peer))
                        .setAssignment(bytes(assignment))));
        return request;
    }

    void syncs(int generation) {
        script.change(title("SyncGroup", sync(), "begins to sync"), peer -> {
            peer.begin(name, SYNC_GROUP, sync(), syncRequest(peer, generation, Map.of()));
            return TextNode.valueOf("sent");
        });
    }

    void synced(String what) {
        script.change(title("SyncGroup", sync(), "has synced " + what), peer -> peer.finished(name, peer.finish(name)));
    }

    void sync(String what, int generation, Map<ClassicClient, String> assignments) {
        sync(what, generation, assignments, request -> {});
    }

    void sync(
            String what,
            int generation,
            Map<ClassicClient, String> assignments,
            Consumer<SyncGroupRequestData> changes) {
        call(title("SyncGroup", sync(), "syncs " + what), peer -> {
            var request = syncRequest(peer, generation, assignments);
            changes.accept(request);
            peer.begin(name, SYNC_GROUP, sync(), request);
        });
    }

    private void call(String title, Consumer<Peer> begin) {
        script.change(title, peer -> {
            begin.accept(peer);
            return peer.finished(name, peer.finish(name));
        });
    }

    HeartbeatRequestData heartbeatRequest(Peer peer, int generation) {
        return new HeartbeatRequestData()
                .setGroupId(group)
                .setGenerationId(generation)
                .setMemberId(id(peer));
    }

    void heartbeat(String what, int generation) {
        heartbeat(what, generation, request -> {});
    }

    void heartbeat(String what, int generation, Consumer<HeartbeatRequestData> changes) {
        call(title("Heartbeat", heartbeatVersion(), "beats " + what), peer -> {
            var request = heartbeatRequest(peer, generation);
            changes.accept(request);
            peer.begin(name, HEARTBEAT, heartbeatVersion(), request);
        });
    }

    /** Waits until the heartbeat says that the group rebalances, as somebody joins or has gone. */
    void learnsOfRebalance(int generation) {
        learns(Errors.REBALANCE_IN_PROGRESS, generation);
    }

    void learns(Errors error, int generation) {
        script.change(title("Heartbeat", heartbeatVersion(), "learns " + error), peer -> {
            Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> {
                peer.begin(name, HEARTBEAT, heartbeatVersion(), heartbeatRequest(peer, generation));
                HeartbeatResponseData answer = peer.finish(name);
                return answer.errorCode() == error.code();
            });
            return TextNode.valueOf("learnt");
        });
    }

    void leave(String what) {
        leave(what, peer -> new MemberIdentity().setMemberId(id(peer)));
    }

    void leave(String what, Function<Peer, MemberIdentity> member) {
        call(
                title("LeaveGroup", leaveVersion(), "leaves " + what),
                peer -> peer.begin(name, LEAVE_GROUP, leaveVersion(), leaveRequest(member.apply(peer))));
    }

    private LeaveGroupRequestData leaveRequest(MemberIdentity member) {
        var request = new LeaveGroupRequestData().setGroupId(group);
        return leaveVersion() < 3
                ? request.setMemberId(member.memberId())
                : request.setMembers(List.of(member.setReason(null)));
    }

    boolean knowsInstances() {
        return join >= FIRST_WITH_INSTANCES;
    }
}
