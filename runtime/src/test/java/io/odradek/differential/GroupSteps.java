package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.DELETE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_GROUPS;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;

/** Groups are listed, described and deleted. Comes after the steps that left groups behind. */
final class GroupSteps {
    private static final TopicPartition PARTITION = new TopicPartition(OffsetSteps.TOPIC, 0);

    private GroupSteps() {}

    static void add(Script script) {
        listed(script);
        described(script);
        admin(script);
        deleted(script);
    }

    private static void listed(Script script) {
        script.askEachVersion(LIST_GROUPS, "all", (peer, version) -> new ListGroupsRequestData());
        for (var state : List.of(
                "Stable",
                "stable",
                "Empty",
                "PreparingRebalance",
                "Dead",
                "Reconciling",
                "Assigning",
                "NoSuchState",
                "")) {
            for (int v = 4; v <= LIST_GROUPS.latestVersion(false); v++) {
                script.ask(LIST_GROUPS, v, "state '" + state + "'", peer -> new ListGroupsRequestData()
                        .setStatesFilter(List.of(state)));
            }
        }
        for (var type : List.of("classic", "Classic", "CONSUMER", "share", "streams", "no-such-type", "")) {
            script.ask(LIST_GROUPS, 5, "type '" + type + "'", peer -> new ListGroupsRequestData()
                    .setTypesFilter(List.of(type)));
        }
        script.ask(LIST_GROUPS, 5, "types and states", peer -> new ListGroupsRequestData()
                .setTypesFilter(List.of("consumer", "classic"))
                .setStatesFilter(List.of("Empty", "Stable")));
    }

    private static void described(Script script) {
        script.askEachVersion(DESCRIBE_GROUPS, "many", (peer, version) -> new DescribeGroupsRequestData()
                .setGroups(List.of("connectors", "simple-6", "no-such-group", "", "connectors", "new-offsets")));
        script.askEachVersion(DESCRIBE_GROUPS, "none", (peer, version) -> new DescribeGroupsRequestData());
        for (int v = 3; v <= DESCRIBE_GROUPS.latestVersion(false); v++) {
            script.ask(DESCRIBE_GROUPS, v, "authorized operations", peer -> new DescribeGroupsRequestData()
                    .setGroups(List.of("connectors", "no-such-group"))
                    .setIncludeAuthorizedOperations(true));
        }
    }

    private static void deleted(Script script) {
        script.changeEachVersion(DELETE_GROUPS, "one with members", (peer, v) -> deletion("connectors"));
        script.changeEachVersion(
                DELETE_GROUPS, "one of the new protocol with members", (peer, v) -> deletion("epochs"));
        script.changeEachVersion(DELETE_GROUPS, "an empty one", (peer, v) -> deletion("classic-v" + v));
        script.changeEachVersion(DELETE_GROUPS, "it again", (peer, v) -> deletion("classic-v" + v));
        script.changeEachVersion(DELETE_GROUPS, "one of offsets alone", (peer, v) -> deletion("simple-" + (v + 7)));
        script.changeEachVersion(DELETE_GROUPS, "an empty id", (peer, v) -> deletion(""));
        script.changeEachVersion(DELETE_GROUPS, "none", (peer, v) -> deletion());
        script.changeEachVersion(
                DELETE_GROUPS,
                "many",
                (peer, v) -> deletion("classic-v" + (v + 4), "connectors", "no-such-group", "classic-v" + (v + 4)));
        script.change(DELETE_GROUPS, 2, "an empty one of the new protocol", peer -> deletion("new-v0", "new-v1"));
        script.ask(LIST_GROUPS, 5, "after deletions", peer -> new ListGroupsRequestData());
    }

    private static DeleteGroupsRequestData deletion(String... groups) {
        return new DeleteGroupsRequestData().setGroupsNames(List.of(groups));
    }

    private static void admin(Script script) {
        script.ask(
                "Admin.listGroups",
                peer -> Script.outcome(() -> peer
                        .admin()
                        .listGroups(new ListGroupsOptions()
                                .withTypes(Set.of(GroupType.CLASSIC, GroupType.CONSUMER))
                                .inGroupStates(Set.of(GroupState.EMPTY, GroupState.STABLE)))
                        .all()
                        .get()
                        .stream()
                        .map(group -> group.groupId() + " " + group.type() + " " + group.protocol() + " "
                                + group.groupState() + group.isSimpleConsumerGroup())
                        .sorted()
                        .toList()));
        for (var group : List.of("epochs", "new-v0", "simple-6", "connectors", "no-such-group", "again")) {
            script.ask(
                    "Admin.describeConsumerGroups " + group,
                    peer -> Script.outcome(() -> {
                        var described = peer.admin()
                                .describeConsumerGroups(List.of(group))
                                .describedGroups()
                                .get(group)
                                .get();
                        return described.type() + " " + described.groupState() + " " + described.partitionAssignor()
                                + " " + described.isSimpleConsumerGroup() + " "
                                + described.members().stream()
                                        .map(member -> member.clientId()
                                                + member.host()
                                                + member.assignment()
                                                + member.upgraded())
                                        .sorted()
                                        .toList();
                    }));
        }
        for (var group : List.of("simple-7", "committers", "epochs", "connectors", "made-by-admin", "")) {
            script.change(
                    "Admin.alterConsumerGroupOffsets " + group,
                    peer -> Script.outcome(() -> peer.admin()
                            .alterConsumerGroupOffsets(group, Map.of(PARTITION, new OffsetAndMetadata(77, "by admin")))
                            .all()
                            .get()));
            script.ask(
                    "Admin.listConsumerGroupOffsets " + group,
                    peer ->
                            Script.outcome(() -> peer
                                    .admin()
                                    .listConsumerGroupOffsets(group)
                                    .partitionsToOffsetAndMetadata()
                                    .get()
                                    .entrySet()
                                    .stream()
                                    .map(Object::toString)
                                    .sorted(Comparator.naturalOrder())
                                    .collect(Collectors.joining(" "))));
            script.change(
                    "Admin.deleteConsumerGroupOffsets " + group,
                    peer -> Script.outcome(() -> peer.admin()
                            .deleteConsumerGroupOffsets(group, Set.of(PARTITION))
                            .all()
                            .get()));
        }
        script.change(
                "Admin.removeMembersFromConsumerGroup, an unknown one",
                peer -> Script.outcome(() -> peer.admin()
                        .removeMembersFromConsumerGroup(
                                "again",
                                new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("nobody"))))
                        .all()
                        .get()));
        script.change(
                "Admin.removeMembersFromConsumerGroup, all",
                peer -> Script.outcome(() -> peer.admin()
                        .removeMembersFromConsumerGroup("again", new RemoveMembersFromConsumerGroupOptions())
                        .all()
                        .get()));
        script.change(
                "Admin.deleteConsumerGroups",
                peer -> Script.outcome(() -> peer.admin()
                        .deleteConsumerGroups(List.of("again"))
                        .all()
                        .get()));
        for (var config : Map.of(
                        "consumer.session.timeout.ms", "50000",
                        "consumer.heartbeat.interval.ms", "6000",
                        "consumer.session.timeout.ms ", "1",
                        "no.such.config", "1")
                .entrySet()) {
            script.change(
                    "Admin.incrementalAlterConfigs of a group, " + config,
                    peer -> Script.outcome(() -> peer.admin()
                            .incrementalAlterConfigs(Map.of(
                                    new ConfigResource(ConfigResource.Type.GROUP, "configured-group"),
                                    List.of(new AlterConfigOp(
                                            new ConfigEntry(config.getKey(), config.getValue()),
                                            AlterConfigOp.OpType.SET))))
                            .all()
                            .get()));
        }
    }
}
