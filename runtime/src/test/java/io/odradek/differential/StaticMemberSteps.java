package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_COMMIT;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;

/** Members of classic groups that have a {@code group.instance.id} (KIP-345). */
final class StaticMemberSteps {
    private static final String GROUP = "static";

    private StaticMemberSteps() {}

    static void add(Script script) {
        for (short version = 5;
                version <= org.apache.kafka.common.protocol.ApiKeys.JOIN_GROUP.latestVersion();
                version++) {
            lifeOfAnInstance(script, version);
        }
    }

    private static void lifeOfAnInstance(Script script, short version) {
        var group = GROUP + "-v" + version;
        var first = new ClassicClient(script, group, "first", version);
        var second = new ClassicClient(script, group, "second", version);
        var other = new ClassicClient(script, group, "other", version);
        first.join("as instance", request -> request.setGroupInstanceId("i"));
        first.sync("itself", 1, Map.of(first, "all"), request -> request.setGroupInstanceId("i"));
        describe(script, "with an instance", group);
        first.heartbeat("as instance", 1, request -> request.setGroupInstanceId("i"));
        first.heartbeat("as another instance", 1, request -> request.setGroupInstanceId("j"));
        commit(script, "as instance", group, first, "i", 1);
        commit(script, "as another instance", group, first, "j", 1);
        first.join("again as instance, with nothing new", request -> request.setGroupInstanceId("i"));
        describe(script, "the instance joined again", group);

        second.join("as the same instance", request -> request.setGroupInstanceId("i"));
        describe(script, "the instance came back", group);
        first.heartbeat("fenced", 1, request -> request.setGroupInstanceId("i"));
        first.heartbeat("fenced, without its instance", 1);
        first.sync("fenced", 1, Map.of(), request -> request.setGroupInstanceId("i"));
        first.join("fenced", request -> request.setGroupInstanceId("i"));
        commit(script, "fenced", group, first, "i", 1);
        first.leave(
                "fenced",
                peer -> new MemberIdentity().setMemberId(first.id(peer)).setGroupInstanceId("i"));
        for (int generation = 1; generation <= 2; generation++) {
            second.heartbeat("as instance", generation, request -> request.setGroupInstanceId("i"));
            second.sync("as instance", generation, Map.of(), request -> request.setGroupInstanceId("i"));
        }
        second.join("as instance with new metadata", request -> request.setGroupInstanceId("i")
                .protocols()
                .find("range")
                .setMetadata(ClassicClient.subscription("something new")));
        describe(script, "the instance has new metadata", group);
        second.leave(
                "as somebody else's instance",
                peer -> new MemberIdentity().setMemberId(second.id(peer)).setGroupInstanceId("j"));
        other.leave(
                "whoever the instance is",
                peer -> new MemberIdentity().setMemberId("").setGroupInstanceId("i"));
        other.leave(
                "the instance again",
                peer -> new MemberIdentity().setMemberId("").setGroupInstanceId("i"));
        describe(script, "the instance has been removed", group);
        second.heartbeat("removed", 1, request -> request.setGroupInstanceId("i"));
    }

    private static void commit(
            Script script, String what, String group, ClassicClient member, String instance, int generation) {
        script.change(
                OFFSET_COMMIT, 9, group + ", " + what, peer -> OffsetSteps.commit(peer, (short) 9, group, "data", 0, 5)
                        .setMemberId(member.id(peer))
                        .setGroupInstanceId(instance)
                        .setGenerationIdOrMemberEpoch(generation));
    }

    private static void describe(Script script, String what, String group) {
        script.ask(
                DESCRIBE_GROUPS,
                DESCRIBE_GROUPS.latestVersion(),
                "group " + group + ", " + what,
                peer -> new DescribeGroupsRequestData().setGroups(List.of(group)));
    }
}
