package io.odradek.differential;

import static io.odradek.differential.ClassicClient.subscription;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.HEARTBEAT;
import static org.apache.kafka.common.protocol.ApiKeys.JOIN_GROUP;
import static org.apache.kafka.common.protocol.ApiKeys.LEAVE_GROUP;
import static org.apache.kafka.common.protocol.ApiKeys.SYNC_GROUP;

import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.awaitility.Awaitility;

/** The classic protocol: joining, syncing, heartbeats, leaving, and what is refused. */
final class ClassicGroupSteps {
    private static final short DESCRIBE = DESCRIBE_GROUPS.latestVersion();

    private final Script script;

    private ClassicGroupSteps(Script script) {
        this.script = script;
    }

    static void add(Script script) {
        var steps = new ClassicGroupSteps(script);
        for (short version = JOIN_GROUP.oldestVersion(); version <= JOIN_GROUP.latestVersion(); version++) {
            steps.lifeOfAGroup(version);
        }
        steps.invalidJoins();
        steps.protocols();
        steps.invalidSyncs();
        steps.invalidHeartbeats();
        steps.invalidLeaves();
        steps.leavingInABatch();
        steps.joinAgain();
        steps.silentMembers();
        steps.fullGroup();
    }

    private ClassicClient client(String group, String name) {
        return new ClassicClient(script, group, name);
    }

    /** One member, then two, then one again, then none. */
    private void lifeOfAGroup(short version) {
        var group = "classic-v" + version;
        var a = new ClassicClient(script, group, "a", version);
        var b = new ClassicClient(script, group, "b", version);
        describe("before it is there", group);
        a.joinAnew();
        describe("before the leader has synced", group);
        a.heartbeat("before it has synced", 1);
        a.sync("with its own assignment", 1, Map.of(a, "all"));
        a.heartbeat("", 1);
        a.sync("again", 1, Map.of());
        describe("with one member", group);
        b.joinsAnew();
        a.learnsOfRebalance(1);
        describe("while it rebalances", group);
        a.sync("while the group rebalances", 1, Map.of());
        a.join("again", request -> {});
        b.joined("");
        b.syncs(2);
        a.sync("both assignments", 2, Map.of(a, "first half", b, "second half"));
        b.synced("");
        b.heartbeat("", 2);
        b.heartbeat("with a stale generation", 1);
        b.heartbeat("with a generation to come", 3);
        describe("with two members", group);
        b.leave("");
        a.learnsOfRebalance(2);
        b.heartbeat("after it has left", 2);
        b.leave("again");
        a.join("after the other left", request -> {});
        a.sync("nothing at all", 3, Map.of());
        a.leave("as the last");
        describe("without members", group);
        a.join("with the id of a member that has left", request -> {});
    }

    private void invalidJoins() {
        for (short v = JOIN_GROUP.oldestVersion(); v <= JOIN_GROUP.latestVersion(); v++) {
            short version = v;
            join(version, "empty group id", request -> request.setGroupId(""));
            join(version, "no protocols", request -> request.protocols().clear());
            join(version, "empty protocol type", request -> request.setProtocolType(""));
            join(version, "session timeout too short", request -> request.setSessionTimeoutMs(1));
            join(version, "session timeout too long", request -> request.setSessionTimeoutMs(3_600_000));
            join(version, "session timeout negative", request -> request.setSessionTimeoutMs(-1));
            // Not described afterwards: it is over at once, or a moment later.
            new ClassicClient(script, "invalid-v" + version + " rebalance timeout negative", "a", version)
                    .join("with a negative rebalance timeout", request -> request.setRebalanceTimeoutMs(-1));
            join(version, "unknown member of an unknown group", request -> request.setMemberId("nobody"));
            if (version >= 5) {
                join(version, "empty instance id", request -> request.setGroupInstanceId(""));
                join(version, "instance id that is a path", request -> request.setGroupInstanceId("../.."));
                join(version, "instance id of strange letters", request -> request.setGroupInstanceId("a b/ü"));
                join(version, "instance id too long", request -> request.setGroupInstanceId("i".repeat(250)));
                join(version, "instance with an unknown member id", request -> request.setMemberId("nobody")
                        .setGroupInstanceId("instance"));
            }
        }
        join(JOIN_GROUP.latestVersion(), "a group id of strange letters", request -> request.setGroupId("a b/../ü\n"));
        join(JOIN_GROUP.latestVersion(), "a long group id", request -> request.setGroupId("h".repeat(1000)));
    }

    private void join(short version, String what, Consumer<JoinGroupRequestData> changes) {
        var group = "invalid-v" + version + " " + what;
        new ClassicClient(script, group, "a", version).join(what, changes);
        describe("after " + what, group);
    }

    private void protocols() {
        var group = "protocols";
        var a = client(group, "a");
        var b = client(group, "b");
        a.join("without a member id", request -> {});
        a.join("with three protocols", request -> protocols(request, "range", "sticky", "other"));
        a.sync("itself", 1, Map.of(a, "all"));
        b.join(
                "without a member id and with none of the other's protocols",
                request -> protocols(request, "roundrobin"));
        b.join("with another protocol type", request -> protocols(request, "range")
                .setProtocolType("connect"));
        b.join("without a member id", request -> protocols(request, "sticky", "range"));
        b.joins("with the others' second protocol first", request -> protocols(request, "sticky", "other"));
        a.learnsOfRebalance(1);
        a.join("again with three protocols", request -> protocols(request, "range", "sticky", "other"));
        b.joined("");
        describe("while it waits for assignments", group);
        b.syncs(2);
        a.sync("both", 2, Map.of(a, "x", b, "y"), request -> request.setProtocolName("sticky"));
        b.synced("under the wrong name");
        b.sync("under the right name", 2, Map.of(), request -> request.setProtocolName("sticky"));
        b.sync("under no name", 2, Map.of(), request -> request.setProtocolName(null));
        b.sync("under no type", 2, Map.of(), request -> request.setProtocolName("sticky")
                .setProtocolType(null));
        b.sync("of another type", 2, Map.of(), request -> request.setProtocolName("sticky")
                .setProtocolType("connect"));
        describe("with a protocol that both know", group);
        var other = client("connectors", "worker");
        other.join("without a member id", request -> request.setProtocolType("connect"));
        other.join("a group that is no consumers'", request -> request.setProtocolType("connect"));
        other.sync("itself", 1, Map.of(other, "tasks"), request -> request.setProtocolType("connect"));
        describe("of connectors", "connectors");
        client("connectors", "consumer").join("a group of connectors", request -> {});
    }

    private static JoinGroupRequestData protocols(JoinGroupRequestData request, String... names) {
        request.protocols().clear();
        for (var name : names) {
            request.protocols()
                    .add(new JoinGroupRequestProtocol().setName(name).setMetadata(subscription("for " + name)));
        }
        return request;
    }

    private ClassicClient groupOfOne(String group) {
        var a = client(group, "a");
        a.joinAnew();
        a.sync("itself", 1, Map.of(a, "all"));
        return a;
    }

    private void invalidSyncs() {
        var a = groupOfOne("syncs");
        for (short v = SYNC_GROUP.oldestVersion(); v <= SYNC_GROUP.latestVersion(); v++) {
            short version = v;
            sync(version, "empty group id", a, 1, request -> request.setGroupId(""));
            sync(version, "unknown group", a, 1, request -> request.setGroupId("no-such-group"));
            sync(version, "unknown member", a, 1, request -> request.setMemberId("nobody"));
            sync(version, "empty member id", a, 1, request -> request.setMemberId(""));
            sync(version, "stale generation", a, 0, request -> {});
            sync(version, "generation to come", a, 2, request -> {});
            sync(version, "no generation", a, -1, request -> {});
            sync(version, "in a stable group", a, 1, request -> {});
            if (version >= 3) {
                sync(version, "unknown instance", a, 1, request -> request.setGroupInstanceId("nobody"));
            }
            if (version >= 5) {
                sync(version, "another protocol", a, 1, request -> request.setProtocolName("sticky"));
                sync(version, "another protocol type", a, 1, request -> request.setProtocolType("connect"));
                sync(version, "neither protocol nor type", a, 1, request -> request.setProtocolName(null)
                        .setProtocolType(null));
            }
        }
        var b = client("syncs-of-strangers", "a");
        b.joinAnew();
        b.sync(
                "an assignment for nobody, and a large one for itself",
                1,
                Map.of(b, "x".repeat(100_000), client("syncs-of-strangers", "nobody"), "lost"));
        describe("with an assignment for nobody", "syncs-of-strangers");
    }

    private void sync(
            short version, String what, ClassicClient member, int generation, Consumer<SyncGroupRequestData> changes) {
        script.ask(SYNC_GROUP, version, what, peer -> {
            var request = member.syncRequest(peer, generation, Map.of());
            changes.accept(request);
            return request;
        });
    }

    private void invalidHeartbeats() {
        var a = groupOfOne("heartbeats");
        for (short v = HEARTBEAT.oldestVersion(); v <= HEARTBEAT.latestVersion(); v++) {
            short version = v;
            heartbeat(version, "empty group id", a, 1, request -> request.setGroupId(""));
            heartbeat(version, "unknown group", a, 1, request -> request.setGroupId("no-such-group"));
            heartbeat(version, "unknown member", a, 1, request -> request.setMemberId("nobody"));
            heartbeat(version, "empty member id", a, 1, request -> request.setMemberId(""));
            heartbeat(version, "stale generation", a, 0, request -> {});
            heartbeat(version, "generation to come", a, 2, request -> {});
            heartbeat(version, "no generation", a, -1, request -> {});
            heartbeat(version, "in a stable group", a, 1, request -> {});
            if (version >= 3) {
                heartbeat(version, "unknown instance", a, 1, request -> request.setGroupInstanceId("nobody"));
            }
        }
    }

    private void heartbeat(
            short version, String what, ClassicClient member, int generation, Consumer<HeartbeatRequestData> changes) {
        script.ask(HEARTBEAT, version, what, peer -> {
            var request = member.heartbeatRequest(peer, generation);
            changes.accept(request);
            return request;
        });
    }

    private void invalidLeaves() {
        groupOfOne("leaves");
        for (short v = LEAVE_GROUP.oldestVersion(); v <= LEAVE_GROUP.latestVersion(); v++) {
            short version = v;
            leave(version, "empty group id", "", "nobody");
            leave(version, "unknown group", "no-such-group", "nobody");
            leave(version, "unknown member", "leaves", "nobody");
            leave(version, "empty member id", "leaves", "");
        }
    }

    private void leave(short version, String what, String group, String member) {
        script.change(
                LEAVE_GROUP,
                version,
                what,
                peer -> version < 3
                        ? new LeaveGroupRequestData().setGroupId(group).setMemberId(member)
                        : leave(group, new MemberIdentity().setMemberId(member)));
    }

    private static LeaveGroupRequestData leave(String group, MemberIdentity... members) {
        return new LeaveGroupRequestData().setGroupId(group).setMembers(List.of(members));
    }

    private void leavingInABatch() {
        var a = groupOfOne("batch");
        for (short v = 3; v <= LEAVE_GROUP.latestVersion(); v++) {
            short version = v;
            script.change(
                    LEAVE_GROUP,
                    version,
                    "nobody, unknown members and instances",
                    peer -> leave(
                            "batch",
                            new MemberIdentity().setMemberId("nobody"),
                            new MemberIdentity().setMemberId("").setGroupInstanceId("no-instance"),
                            new MemberIdentity().setMemberId("nobody").setGroupInstanceId("no-instance")));
            script.change(LEAVE_GROUP, version, "no members", peer -> leave("batch"));
        }
        script.change(
                LEAVE_GROUP,
                LEAVE_GROUP.latestVersion(),
                "one member twice",
                peer -> leave(
                        "batch",
                        new MemberIdentity().setMemberId(a.id(peer)),
                        new MemberIdentity().setMemberId(a.id(peer))));
        describe("left in a batch", "batch");
    }

    /** Members that join a stable group again: with something new, or with nothing new, as leader and as follower. */
    private void joinAgain() {
        var group = "again";
        var a = groupOfOne(group);
        var b = client(group, "b");
        a.join("as leader, with nothing new", request -> {});
        a.sync("again", 2, Map.of(a, "all"));
        b.joinsAnew();
        a.learnsOfRebalance(2);
        a.join("", request -> {});
        b.joined("");
        b.syncs(3);
        a.sync("both", 3, Map.of(a, "x", b, "y"));
        b.synced("");
        b.join("as follower, with nothing new", request -> {});
        b.sync("with nothing new", 3, Map.of());
        b.joins("as follower, with new metadata", request -> protocols(request, "range"));
        a.learnsOfRebalance(3);
        a.join("because of the other's metadata", request -> {});
        b.joined("with new metadata");
        describe("waiting for its assignments after new metadata", group);
        b.join("while assignments are waited for", request -> protocols(request, "range"));
        a.join("as leader while assignments are waited for", request -> {});
        describe("joined again while assignments were waited for", group);
    }

    private void silentMembers() {
        var gone = client("gone", "a");
        gone.join("without a member id", request -> {});
        gone.join("with a short session", request -> request.setSessionTimeoutMs(300));
        gone.sync("itself", 1, Map.of(gone, "all"));
        becomes("Empty", "gone");
        gone.heartbeat("after its session", 1);

        var a = client("unsynced", "a");
        a.join("without a member id", request -> {});
        a.join("and never syncs", request -> request.setRebalanceTimeoutMs(300));
        becomes("Empty", "unsynced");
        a.sync("too late", 1, Map.of(a, "all"));

        var c = client("one-never-joins-again", "c");
        c.join("without a member id", request -> {});
        c.join("and waits a short time for others", request -> request.setRebalanceTimeoutMs(300));
        c.sync("itself", 1, Map.of(c, "all"));
        var d = client("one-never-joins-again", "d");
        d.join("without a member id", request -> {});
        d.join("while the other, who should too, never does", request -> request.setRebalanceTimeoutMs(300));
        c.heartbeat("after it did not join again in time", 1);
    }

    private void fullGroup() {
        var group = "full";
        var members = java.util.stream.IntStream.rangeClosed(1, DifferentialScript.MAX_GROUP_SIZE)
                .mapToObj(i -> client(group, "member-" + i))
                .toList();
        // Version 3 needs no member id first.
        var first = new ClassicClient(script, group, "first", (short) 3);
        var beyond = new ClassicClient(script, group, "beyond", (short) 3);
        first.join("", request -> {});
        first.sync("itself", 1, Map.of(first, "all"));
        members.forEach(member -> member.join("without a member id", request -> {}));
        members.forEach(ClassicClient::joins);
        first.learnsOfRebalance(1);
        awaitMembers(group, 1 + members.size());
        beyond.join("beyond the group's limit", request -> {});
        client(group, "newer").join("without a member id beyond the group's limit", request -> {});
        first.leave("");
        members.forEach(member -> member.joinedInAnyRole("at the end"));
        beyond.join("beyond the group's limit while assignments are waited for", request -> {});
        members.get(0).heartbeat("in a full group", 2);
    }

    private void awaitMembers(String group, int count) {
        script.ask(group + " has " + count + " members", peer -> {
            Awaitility.await().until(() -> described(peer, group).members().size() == count);
            return TextNode.valueOf("yes");
        });
    }

    private void becomes(String state, String group) {
        script.ask(group + " becomes " + state, peer -> {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> described(peer, group).groupState().equals(state));
            return TextNode.valueOf(state);
        });
    }

    private static DescribeGroupsResponseData.DescribedGroup described(Peer peer, String group) {
        DescribeGroupsResponseData answer =
                peer.answer(DESCRIBE_GROUPS, DESCRIBE, new DescribeGroupsRequestData().setGroups(List.of(group)));
        return answer.groups().get(0);
    }

    private void describe(String what, String group) {
        script.ask(
                DESCRIBE_GROUPS,
                DESCRIBE,
                "group " + (group.length() > 100 ? group.substring(0, 100) : group) + ", " + what,
                peer -> new DescribeGroupsRequestData().setGroups(List.of(group)));
    }
}
