package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.CONSUMER_GROUP_DESCRIBE;
import static org.apache.kafka.common.protocol.ApiKeys.CONSUMER_GROUP_HEARTBEAT;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.HEARTBEAT;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_COMMIT;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_DELETE;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.SYNC_GROUP;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.awaitility.Awaitility;

/** The protocol of KIP-848: members heartbeat, the coordinator assigns. */
final class ConsumerGroupSteps {
    private static final short LATEST = CONSUMER_GROUP_HEARTBEAT.latestVersion();
    private static final int JOIN = 0;
    private static final int LEAVE = -1;
    private static final int LEAVE_FOR_A_WHILE = -2;

    private final Script script;

    private ConsumerGroupSteps(Script script) {
        this.script = script;
    }

    static void add(Script script) {
        var steps = new ConsumerGroupSteps(script);
        TopicSteps.setup(script, "spread", 4);
        TopicSteps.setup(script, "spread-too", 2);
        for (short version = 0; version <= LATEST; version++) {
            steps.lifeOfAGroup(version);
        }
        steps.range();
        steps.invalid();
        steps.wrongEpochs();
        steps.instances();
        steps.regularExpressions();
        steps.subscriptions();
        steps.full();
        steps.offsets();
        steps.otherProtocols();
        steps.migrations();
    }

    private static ConsumerGroupHeartbeatRequestData heartbeat(String group, String member, int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setMemberEpoch(epoch);
    }

    /** With the epoch that the member has. */
    private static ConsumerGroupHeartbeatRequestData beats(Peer peer, String group, String member) {
        return heartbeat(group, member, peer.epoch(group, member));
    }

    private static ConsumerGroupHeartbeatRequestData joins(String group, String member, String... topics) {
        return heartbeat(group, member, JOIN)
                .setRebalanceTimeoutMs(60_000)
                .setSubscribedTopicNames(List.of(topics))
                .setTopicPartitions(List.of());
    }

    private static TopicPartitions owned(Peer peer, String topic, Integer... partitions) {
        return new TopicPartitions().setTopicId(peer.knownTopicId(topic)).setPartitions(Arrays.asList(partitions));
    }

    private void beat(String what, short version, Request request) {
        script.change("ConsumerGroupHeartbeat v" + version + ": " + what, peer -> {
            var answer = answer(peer, version, request.of(peer));
            return answer == null ? TextNode.valueOf("<disconnected>") : peer.normal(Wire.json(answer, version));
        });
    }

    private static ConsumerGroupHeartbeatResponseData answer(
            Peer peer, short version, ConsumerGroupHeartbeatRequestData request) {
        ConsumerGroupHeartbeatResponseData answer = peer.answer(CONSUMER_GROUP_HEARTBEAT, version, request);
        if (answer != null && answer.errorCode() == 0 && answer.memberEpoch() > 0) {
            if (request.memberId().isEmpty()) {
                peer.remember("<chosen for a member of " + request.groupId() + ">", answer.memberId());
            }
            peer.keepEpoch(request.groupId(), request.memberId(), answer.memberEpoch());
        }
        return answer;
    }

    private void beat(String what, Request request) {
        beat(what, LATEST, request);
    }

    @FunctionalInterface
    private interface Request {
        ConsumerGroupHeartbeatRequestData of(Peer peer);
    }

    /** A target assignment comes a moment later: beats until the answer is the one that is expected. */
    private void beatUntil(String what, short version, Request request, Condition condition) {
        script.change("ConsumerGroupHeartbeat v" + version + ": " + what, peer -> {
            var last = new JsonNode[1];
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        var answer = answer(peer, version, request.of(peer));
                        last[0] = peer.normal(Wire.json(answer, version));
                        return condition.holds(answer);
                    });
            return last[0];
        });
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds(ConsumerGroupHeartbeatResponseData answer);
    }

    private static int assigned(ConsumerGroupHeartbeatResponseData answer) {
        return answer.assignment() == null
                ? -1
                : answer.assignment().topicPartitions().stream()
                        .mapToInt(topic -> topic.partitions().size())
                        .sum();
    }

    private void describe(String what, String group) {
        for (short version = 0; version <= CONSUMER_GROUP_DESCRIBE.latestVersion(); version++) {
            script.ask(CONSUMER_GROUP_DESCRIBE, version, group + ", " + what, peer -> {
                peer.knownTopicId("spread");
                peer.knownTopicId("spread-too");
                return new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group));
            });
        }
        script.ask(
                DESCRIBE_GROUPS,
                DESCRIBE_GROUPS.latestVersion(),
                group + ", " + what,
                peer -> new DescribeGroupsRequestData().setGroups(List.of(group)));
    }

    /** One member owns all; a second takes half, once the first gave it up; the first leaves; so does the second. */
    private void lifeOfAGroup(short version) {
        var group = "new-v" + version;
        describe("before it is there", group);
        beat("a joins " + group, version, peer -> joins(group, "a", "spread"));
        describe("with one member", group);
        beat("a beats " + group, version, peer -> beats(peer, group, "a"));
        beat("a tells what it owns " + group, version, peer -> beats(peer, group, "a")
                .setTopicPartitions(List.of(owned(peer, "spread", 0, 1, 2, 3))));
        beat("a joins again " + group, version, peer -> joins(group, "a", "spread"));
        beat("b joins " + group, version, peer -> joins(group, "b", "spread"));
        describe("while it rebalances", group);
        beatUntil(
                "a is to give up half " + group,
                version,
                peer -> beats(peer, group, "a").setTopicPartitions(List.of(owned(peer, "spread", 0, 1, 2, 3))),
                answer -> assigned(answer) == 2);
        describe("while one gives up partitions", group);
        beat("b waits " + group, version, peer -> beats(peer, group, "b"));
        beat("a still owns all " + group, version, peer -> beats(peer, group, "a")
                .setTopicPartitions(List.of(owned(peer, "spread", 0, 1, 2, 3))));
        beat("a has given up half " + group, version, peer -> beats(peer, group, "a")
                .setTopicPartitions(List.of(owned(peer, "spread", 0, 1))));
        beatUntil(
                "b gets half " + group,
                version,
                peer -> beats(peer, group, "b").setTopicPartitions(List.of()),
                answer -> assigned(answer) == 2);
        beat("b owns half " + group, version, peer -> beats(peer, group, "b")
                .setTopicPartitions(List.of(owned(peer, "spread", 2, 3))));
        describe("with two members", group);
        beat("a beats with its former epoch " + group, version, peer -> heartbeat(
                        group, "a", peer.epoch(group, "a") - 1)
                .setTopicPartitions(List.of(owned(peer, "spread", 0, 1))));
        beat("a leaves " + group, version, peer -> heartbeat(group, "a", LEAVE));
        beatUntil(
                "b gets all " + group,
                version,
                peer -> beats(peer, group, "b").setTopicPartitions(List.of(owned(peer, "spread", 2, 3))),
                answer -> assigned(answer) == 4);
        beat("a leaves again " + group, version, peer -> heartbeat(group, "a", LEAVE));
        beat("b leaves " + group, version, peer -> heartbeat(group, "b", LEAVE));
        describe("without members", group);
        beat("b beats after it left " + group, version, peer -> beats(peer, group, "b"));
    }

    private void range() {
        var group = "ranged";
        beat("a joins with range", peer -> joins(group, "a", "spread", "spread-too")
                .setServerAssignor("range"));
        beat("b joins with range", peer -> joins(group, "b", "spread", "spread-too")
                .setServerAssignor("range"));
        beatUntil(
                "a gives up its second half of each topic",
                LATEST,
                peer -> beats(peer, group, "a")
                        .setTopicPartitions(
                                List.of(owned(peer, "spread", 0, 1, 2, 3), owned(peer, "spread-too", 0, 1))),
                answer -> assigned(answer) == 3);
        beat("a has given them up", peer -> beats(peer, group, "a")
                .setTopicPartitions(List.of(owned(peer, "spread", 0, 1), owned(peer, "spread-too", 0))));
        beatUntil(
                "b gets them",
                LATEST,
                peer -> beats(peer, group, "b").setTopicPartitions(List.of()),
                answer -> assigned(answer) == 3);
        describe("of ranges", group);
        beat("b wants uniform", peer -> beats(peer, group, "b").setServerAssignor("uniform"));
        describe("without one mind about the assignor", group);
    }

    private void invalid() {
        for (short v = 0; v <= LATEST; v++) {
            beat("empty group id", v, peer -> joins("", "a", "spread"));
            beat("blank group id", v, peer -> joins("  ", "a", "spread"));
            beat("empty member id", v, peer -> joins("invalid", "", "spread"));
            beat("no rebalance timeout", v, peer -> joins("invalid", "a", "spread")
                    .setRebalanceTimeoutMs(-1));
            beat("rebalance timeout of nothing", v, peer -> joins("invalid", "a", "spread")
                    .setRebalanceTimeoutMs(0));
            beat("joins with partitions", v, peer -> joins("invalid", "a", "spread")
                    .setTopicPartitions(List.of(owned(peer, "spread", 0))));
            beat("joins without a list of partitions", v, peer -> joins("invalid", "a", "spread")
                    .setTopicPartitions(null));
            beat("joins without a subscription", v, peer -> joins("invalid", "a")
                    .setSubscribedTopicNames(null));
            beat("joins with an empty subscription", v, peer -> joins("invalid-empty", "a"));
            beat("an unknown assignor", v, peer -> joins("invalid", "a", "spread")
                    .setServerAssignor("sticky"));
            beat("an empty assignor", v, peer -> joins("invalid", "a", "spread").setServerAssignor(""));
            beat("an empty rack", v, peer -> joins("invalid", "a", "spread").setRackId(""));
            beat("an empty instance id", v, peer -> joins("invalid", "a", "spread")
                    .setInstanceId(""));
            beat("a strange member epoch", v, peer -> heartbeat("invalid", "a", -3));
            beat("leaves for a while without an instance", v, peer -> heartbeat("invalid", "a", LEAVE_FOR_A_WHILE));
            beat("unknown group", v, peer -> heartbeat("no-such-group", "a", 1));
            beat("leaves an unknown group", v, peer -> heartbeat("no-such-group", "a", LEAVE));
            beat("an unknown topic", v, peer -> joins("invalid-topic", "a", "no-such-topic"));
            beat("a topic of strange letters", v, peer -> joins("invalid-topic", "a", "a b/ü"));
            beat("a long member id", v, peer -> joins("invalid-long", "m".repeat(1000), "spread"));
        }
        beat("both names and a regular expression", peer -> joins("invalid-both", "a", "spread")
                .setSubscribedTopicRegex("spread.*"));
        beat(
                "an invalid regular expression",
                peer -> joins("invalid", "a").setSubscribedTopicNames(null).setSubscribedTopicRegex("[a"));
        script.askEachVersion(
                CONSUMER_GROUP_DESCRIBE, "no groups", (peer, v) -> new ConsumerGroupDescribeRequestData());
        script.askEachVersion(
                CONSUMER_GROUP_DESCRIBE, "many groups", (peer, v) -> new ConsumerGroupDescribeRequestData()
                        .setIncludeAuthorizedOperations(true)
                        .setGroupIds(List.of("", "no-such-group", "classic-v5", "simple-6", "new-v0", "new-v0")));
    }

    private void wrongEpochs() {
        var group = "epochs";
        beat("a joins", peer -> joins(group, "a", "spread"));
        for (short v = 0; v <= LATEST; v++) {
            beat("of an unknown member", v, peer -> beats(peer, group, "nobody"));
            beat("of an epoch to come", v, peer -> heartbeat(group, "a", peer.epoch(group, "a") + 1));
            beat("of the epoch before", v, peer -> heartbeat(group, "a", peer.epoch(group, "a") - 1));
            beat("of an epoch far away", v, peer -> heartbeat(group, "a", Integer.MAX_VALUE));
            beat("an unknown member leaves", v, peer -> heartbeat(group, "nobody", LEAVE));
            beat("partitions that it does not own", v, peer -> beats(peer, group, "a")
                    .setTopicPartitions(List.of(owned(peer, "spread-too", 0))));
            beat("partitions that are not there", v, peer -> beats(peer, group, "a")
                    .setTopicPartitions(List.of(owned(peer, "spread", 77))));
            beat("of an unknown topic", v, peer -> beats(peer, group, "a")
                    .setTopicPartitions(List.of(
                            new TopicPartitions().setTopicId(new Uuid(6, 6)).setPartitions(List.of(0)))));
            beat("a reminder of everything", v, peer -> beats(peer, group, "a")
                    .setRebalanceTimeoutMs(60_000)
                    .setSubscribedTopicNames(List.of("spread"))
                    .setTopicPartitions(List.of(owned(peer, "spread", 0, 1, 2, 3))));
            beat("as an instance that it is not", v, peer -> beats(peer, group, "a")
                    .setInstanceId("i"));
        }
    }

    private void instances() {
        var group = "new-static";
        beat("instance i joins", peer -> joins(group, "a", "spread").setInstanceId("i"));
        beat("instance i joins again as another member", peer -> joins(group, "b", "spread")
                .setInstanceId("i"));
        beat("instance i beats", peer -> beats(peer, group, "a").setInstanceId("i"));
        describe("with an instance", group);
        beat("instance i leaves for a while", peer -> heartbeat(group, "a", LEAVE_FOR_A_WHILE)
                .setInstanceId("i"));
        describe("an instance is away", group);
        beat("instance i comes back as another member", peer -> joins(group, "b", "spread")
                .setInstanceId("i"));
        describe("an instance came back", group);
        beat("instance i, fenced", peer -> beats(peer, group, "a").setInstanceId("i"));
        beat("the fenced one leaves", peer -> heartbeat(group, "a", LEAVE).setInstanceId("i"));
        beat("an unknown instance leaves", peer -> heartbeat(group, "b", LEAVE).setInstanceId("j"));
        beat("an unknown instance leaves for a while", peer -> heartbeat(group, "b", LEAVE_FOR_A_WHILE)
                .setInstanceId("j"));
        beat("instance j joins", peer -> joins(group, "c", "spread").setInstanceId("j"));
        beat("instance i leaves", peer -> heartbeat(group, "b", LEAVE).setInstanceId("i"));
        beat("instance i leaves again", peer -> heartbeat(group, "b", LEAVE).setInstanceId("i"));
    }

    private void regularExpressions() {
        var group = "by-expression";
        beat(
                "a joins by expression",
                peer -> joins(group, "a").setSubscribedTopicNames(null).setSubscribedTopicRegex("spread.*"));
        beatUntil(
                "a gets all that match",
                LATEST,
                peer -> beats(peer, group, "a")
                        .setTopicPartitions(List.of())
                        .setRebalanceTimeoutMs(60_000)
                        .setSubscribedTopicRegex("spread.*")
                        .setSubscribedTopicNames(List.of()),
                answer -> assigned(answer) == 6 || answer.errorCode() != 0);
        describe("by an expression", group);
        beat("an expression that means nothing", peer -> beats(peer, group, "a").setSubscribedTopicRegex("(?=x)"));
        beatUntil(
                "an expression that matches nothing",
                LATEST,
                peer -> beats(peer, group, "a")
                        .setSubscribedTopicRegex("nothing.*")
                        .setTopicPartitions(
                                List.of(owned(peer, "spread", 0, 1, 2, 3), owned(peer, "spread-too", 0, 1))),
                answer -> assigned(answer) == 0);
        // So that no later look-up of the expression changes what is compared.
        beat("a leaves the group by expression", peer -> heartbeat(group, "a", LEAVE));
    }

    private void subscriptions() {
        var group = "resubscribed";
        beat("a joins for one topic", peer -> joins(group, "a", "spread-too"));
        beat("a is for two topics", peer -> beats(peer, group, "a")
                .setSubscribedTopicNames(List.of("spread", "spread-too")));
        describe("for two topics", group);
        beat("a is for none", peer -> beats(peer, group, "a")
                .setSubscribedTopicNames(List.of())
                .setTopicPartitions(List.of(owned(peer, "spread", 0, 1, 2, 3), owned(peer, "spread-too", 0, 1))));
        describe("for no topics", group);
    }

    private void full() {
        for (int i = 0; i <= DifferentialScript.MAX_GROUP_SIZE; i++) {
            var member = "member-" + i;
            beat(member + " of a small group", peer -> joins("new-full", member, "spread-too"));
        }
    }

    private void offsets() {
        var group = "new-offsets";
        beat("a joins", peer -> joins(group, "a", "spread"));
        for (short version = OFFSET_COMMIT.oldestVersion(); version <= OFFSET_COMMIT.latestVersion(); version++) {
            short v = version;
            commit(v, "of a member", "a", 0);
            commit(v, "of a stale epoch", "a", -1);
            commit(v, "of an epoch to come", "a", 1);
            commit(v, "of an unknown member", "nobody", 0);
            commitWithoutEpoch(v, "of nobody", "");
            commitWithoutEpoch(v, "without an epoch", "a");
        }
        for (short version = 9; version <= OFFSET_FETCH.latestVersion(); version++) {
            short v = version;
            for (var member : List.of("a", "nobody", "")) {
                for (int more : new int[] {-1, 0, 1}) {
                    script.ask(
                            OFFSET_FETCH,
                            v,
                            group + " as '" + member + "', its epoch and " + more,
                            peer -> OffsetSteps.fetchAs(
                                    OffsetSteps.fetchAll(v, group), member, peer.epoch(group, member) + more));
                }
                script.ask(
                        OFFSET_FETCH,
                        v,
                        group + " as '" + member + "' without an epoch",
                        peer -> OffsetSteps.fetchAs(OffsetSteps.fetchAll(v, group), member, -1));
            }
        }
        for (var topic : List.of("spread", "spread-too")) {
            script.change(OFFSET_DELETE, 0, "of a group of the new protocol, " + topic, peer -> {
                var target = new OffsetDeleteRequestTopic().setName(topic);
                target.partitions().add(new OffsetDeleteRequestPartition().setPartitionIndex(0));
                var request = new OffsetDeleteRequestData().setGroupId(group);
                request.topics().add(target);
                return request;
            });
        }
        beat("a leaves", peer -> heartbeat(group, "a", LEAVE));
        commit((short) 9, "of a member that left", "a", 0);
        commitWithoutEpoch((short) 9, "of nobody into an empty group", "");
        script.ask(OFFSET_FETCH, 9, "of an empty group", peer -> OffsetSteps.fetchAll((short) 9, group));
    }

    private void commit(short version, String what, String member, int epochsAhead) {
        commit(version, what, member, peer -> peer.epoch("new-offsets", member) + epochsAhead);
    }

    private void commitWithoutEpoch(short version, String what, String member) {
        commit(version, what, member, peer -> -1);
    }

    private void commit(short version, String what, String member, ToIntFunction<Peer> epoch) {
        script.change(OFFSET_COMMIT, version, "new protocol, " + what, peer -> OffsetSteps.commit(
                        peer, version, "new-offsets", "spread", 1, 50 + version)
                .setMemberId(member)
                .setGenerationIdOrMemberEpoch(epoch.applyAsInt(peer)));
    }

    /** Requests of one protocol to groups of the other. */
    private void otherProtocols() {
        beat("a joins", peer -> joins("only-new", "a", "spread"));
        var classic = new ClassicClient(script, "only-new", "classic");
        classic.join("a group of the new protocol, without a member id", request -> {});
        classic.join(
                "a group of the new protocol, as a worker of Connect", request -> request.setProtocolType("connect"));
        script.change(SYNC_GROUP, 5, "a member of the new protocol", peer -> classic.syncRequest(peer, 1, Map.of())
                .setMemberId("a"));
        script.change(HEARTBEAT, 4, "a member of the new protocol", peer -> classic.heartbeatRequest(peer, 1)
                .setMemberId("a"));
        var connect = new ClassicClient(script, "only-connect", "worker");
        connect.join("without a member id", request -> request.setProtocolType("connect"));
        connect.join("as a worker of Connect", request -> request.setProtocolType("connect"));
        beat("into a group of Connect", peer -> joins("only-connect", "a", "spread"));
        beat("into a group of offsets alone", peer -> joins("simple-5", "a", "spread"));
        describe("taken over from a group of offsets alone", "simple-5");
    }

    /** A group goes from one protocol to the other while members come and go. */
    private void migrations() {
        var group = "migrating";
        var classic = new ClassicClient(script, group, "classic");
        Consumer<org.apache.kafka.common.message.JoinGroupRequestData> subscribed =
                request -> request.protocols().find("range").setMetadata(ClassicClient.subscription("", "spread"));
        classic.join("without a member id", subscribed);
        classic.join("subscribed", subscribed);
        classic.sync("itself", 1, Map.of(classic, ""), request -> request.assignments()
                .get(0)
                .setAssignment(ClassicClient.assignment("spread", 0, 1, 2, 3)));
        beat("new joins a classic group", peer -> joins(group, "new", "spread"));
        describe("of both protocols", group);
        classic.learnsOfRebalance(1);
        classic.join("again", subscribed);
        describe("of both protocols, the classic one has joined again", group);
        classic.sync("in a group of both protocols", 2, Map.of());
        classic.heartbeat("in a group of both protocols", 2);
        describe("of both protocols, the classic one has synced", group);
        beatUntil(
                "new gets what the classic one gave up",
                LATEST,
                peer -> beats(peer, group, "new").setTopicPartitions(List.of()),
                answer -> assigned(answer) > 0);
        beat("new leaves a group of both", peer -> heartbeat(group, "new", LEAVE));
        describe("gone back to the classic protocol", group);
        classic.leave("");
        describe("gone back, and empty", group);
    }
}
