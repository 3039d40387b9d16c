package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.DELETE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_TOPICS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_COMMIT;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_DELETE;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_FETCH;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;

/** Offsets are committed, fetched and deleted. */
final class OffsetSteps {
    static final String TOPIC = "committed";
    private static final String UNKNOWN = "no-such-topic";
    private static final String LONG_ID = "g".repeat(30_000);
    private static final short BY_ID = 10;
    private static final short BATCHED = 8;
    private static final short LATEST = 9;

    private final Script script;

    private OffsetSteps(Script script) {
        this.script = script;
    }

    static void add(Script script) {
        var steps = new OffsetSteps(script);
        TopicSteps.setup(script, TOPIC, 3);
        TopicSteps.setup(script, "committed-too", 1);
        steps.withoutAGroup();
        steps.unusualCommits();
        steps.membersOfAGroup();
        steps.ofAnotherProtocol();
        steps.unusualFetches();
        steps.deleted();
        steps.topicDeleted();
    }

    /** Commits and fetches of somebody who assigns partitions itself, in each version. */
    private void withoutAGroup() {
        script.changeEachVersion(
                OFFSET_COMMIT, "of no group", (peer, v) -> commit(peer, v, "simple-" + v, TOPIC, 1, 7L + v));
        script.changeEachVersion(
                OFFSET_COMMIT, "an unknown partition", (peer, v) -> commit(peer, v, "simple-" + v, TOPIC, 9, 7));
        script.changeEachVersion(
                OFFSET_COMMIT, "a negative partition", (peer, v) -> commit(peer, v, "simple-" + v, TOPIC, -1, 7));
        script.changeEachVersion(
                OFFSET_COMMIT, "an unknown topic", (peer, v) -> commit(peer, v, "simple-" + v, UNKNOWN, 0, 7));
        script.changeEachVersion(OFFSET_COMMIT, "an unknown topic and a good one", (peer, v) -> {
            var request = commit(peer, v, "simple-" + v, UNKNOWN, 0, 7);
            request.topics().add(topic(peer, v, "committed-too", 0, 9));
            return request;
        });
        script.changeEachVersion(OFFSET_COMMIT, "empty group id", (peer, v) -> commit(peer, v, "", TOPIC, 2, 3));
        script.changeEachVersion(
                OFFSET_COMMIT, "an unknown member", (peer, v) -> commit(peer, v, "simple-" + v, TOPIC, 1, 7)
                        .setMemberId("nobody"));
        script.changeEachVersion(
                OFFSET_COMMIT, "a generation of no group", (peer, v) -> commit(peer, v, "no-group-" + v, TOPIC, 1, 7)
                        .setMemberId("nobody")
                        .setGenerationIdOrMemberEpoch(1));
        script.changeEachVersion(
                OFFSET_COMMIT, "no topics", (peer, v) -> new OffsetCommitRequestData().setGroupId("nothing-" + v));
        script.askEachVersion(OFFSET_FETCH, "an offset", (peer, v) -> fetch(peer, v, "simple-9", TOPIC, 0, 1, 2, 9));
        script.askEachVersion(OFFSET_FETCH, "unknown group", (peer, v) -> fetch(peer, v, "no-such-group", TOPIC, 0));
        script.askEachVersion(OFFSET_FETCH, "unknown topic", (peer, v) -> fetch(peer, v, "simple-9", UNKNOWN, 0));
        script.askEachVersion(OFFSET_FETCH, "empty group id", (peer, v) -> fetch(peer, v, "", TOPIC, 2));
        script.askEachVersion(OFFSET_FETCH, "no partitions", (peer, v) -> fetch(peer, v, "simple-9", TOPIC));
        for (short version = 2; version <= OFFSET_FETCH.latestVersion(); version++) {
            short v = version;
            script.ask(OFFSET_FETCH, v, "all offsets", peer -> fetchAll(v, "simple-9"));
            script.ask(OFFSET_FETCH, v, "all offsets of an unknown group", peer -> fetchAll(v, "no-such-group"));
            if (v >= 7) {
                script.ask(OFFSET_FETCH, v, "stable offsets", peer -> fetchAll(v, "simple-9")
                        .setRequireStable(true));
            }
        }
    }

    private void unusualCommits() {
        commit("metadata", partition -> partition.setCommittedMetadata("of mine"));
        commit("no metadata", partition -> partition.setCommittedMetadata(null));
        commit("metadata just small enough", partition -> partition.setCommittedMetadata("m".repeat(100)));
        commit("metadata too large", partition -> partition.setCommittedMetadata("m".repeat(101)));
        commit("metadata of letters of many bytes", partition -> partition.setCommittedMetadata("ü".repeat(100)));
        commit("a negative offset", partition -> partition.setCommittedOffset(-1));
        commit("a very negative offset", partition -> partition.setCommittedOffset(-100));
        commit("a huge offset", partition -> partition.setCommittedOffset(Long.MAX_VALUE));
        commit("a leader epoch", partition -> partition.setCommittedLeaderEpoch(5));
        commit("a negative leader epoch", partition -> partition.setCommittedLeaderEpoch(-7));
        script.change(OFFSET_COMMIT, 4, "a time to keep it", peer -> commit(peer, (short) 4, "unusual", TOPIC, 0, 2)
                .setRetentionTimeMs(1));
        script.change(OFFSET_COMMIT, LATEST, "one partition twice", peer -> {
            var request = commit(peer, LATEST, "unusual", TOPIC, 0, 2);
            request.topics().add(topic(peer, LATEST, TOPIC, 0, 3));
            return request;
        });
        script.change(OFFSET_COMMIT, BY_ID, "no topic id", peer -> {
            var request = commit(peer, BY_ID, "unusual", TOPIC, 0, 2);
            request.topics().get(0).setTopicId(Uuid.ZERO_UUID);
            return request;
        });
        script.change(
                OFFSET_COMMIT,
                LATEST,
                "a topic of strange letters",
                peer -> commit(peer, LATEST, "unusual", "a b/ü", 0, 2));
        script.change(OFFSET_COMMIT, LATEST, "no topic name", peer -> commit(peer, LATEST, "unusual", "", 0, 2));
        script.change(OFFSET_COMMIT, LATEST, "an instance without a member", peer -> commit(
                        peer, LATEST, "unusual", TOPIC, 0, 2)
                .setGroupInstanceId("instance"));
        script.change(OFFSET_COMMIT, LATEST, "a member without a generation", peer -> commit(
                        peer, LATEST, "unusual", TOPIC, 0, 2)
                .setMemberId("nobody"));
        script.change(OFFSET_COMMIT, LATEST, "a generation without a member", peer -> commit(
                        peer, LATEST, "unusual", TOPIC, 0, 2)
                .setGenerationIdOrMemberEpoch(3));
        script.change(
                OFFSET_COMMIT,
                LATEST,
                "a group id of many letters",
                peer -> commit(peer, LATEST, LONG_ID, TOPIC, 0, 2));
        script.change(DELETE_GROUPS, 2, "with an id of many letters", peer -> new DeleteGroupsRequestData()
                .setGroupsNames(List.of(LONG_ID)));
    }

    private void commit(String what, Consumer<OffsetCommitRequestPartition> change) {
        script.change(OFFSET_COMMIT, LATEST, what, peer -> {
            var request = commit(peer, LATEST, "unusual", TOPIC, 0, 2);
            change.accept(request.topics().get(0).partitions().get(0));
            return request;
        });
        script.ask(OFFSET_FETCH, LATEST, "after a commit of " + what, peer -> fetchAll(LATEST, "unusual"));
    }

    private void membersOfAGroup() {
        var group = "committers";
        var member = new ClassicClient(script, group, "a");
        member.joinAnew();
        commitAs("before its group is stable", group, member, 1);
        member.sync("itself", 1, Map.of(member, "all"));
        for (short version = OFFSET_COMMIT.oldestVersion(); version <= OFFSET_COMMIT.latestVersion(); version++) {
            short v = version;
            script.change(OFFSET_COMMIT, v, "of a member", peer -> commit(peer, v, group, TOPIC, 0, 40L + v)
                    .setMemberId(member.id(peer))
                    .setGenerationIdOrMemberEpoch(1));
        }
        commitAs("of a stale generation", group, member, 0);
        commitAs("of a generation to come", group, member, 2);
        commitAs("without its generation", group, member, -1);
        script.change(
                OFFSET_COMMIT,
                LATEST,
                "of nobody into a group with members",
                peer -> commit(peer, LATEST, group, TOPIC, 0, 1));
        script.change(OFFSET_COMMIT, LATEST, "of an unknown member into a group with members", peer -> commit(
                        peer, LATEST, group, TOPIC, 0, 1)
                .setMemberId("nobody")
                .setGenerationIdOrMemberEpoch(1));
        script.change(OFFSET_COMMIT, LATEST, "of an unknown instance", peer -> commit(peer, LATEST, group, TOPIC, 0, 1)
                .setMemberId(member.id(peer))
                .setGroupInstanceId("nobody")
                .setGenerationIdOrMemberEpoch(1));
        script.ask(
                OFFSET_FETCH,
                LATEST,
                "of a member of a classic group",
                peer -> fetchAs(fetchAll(LATEST, group), member.id(peer), 1));
        script.ask(
                OFFSET_FETCH,
                LATEST,
                "of an unknown member of a classic group",
                peer -> fetchAs(fetchAll(LATEST, group), "nobody", 1));
        member.leave("");
        commitAs("after it left", group, member, 1);
        script.change(
                OFFSET_COMMIT,
                LATEST,
                "of nobody into a group that all have left",
                peer -> commit(peer, LATEST, group, TOPIC, 2, 99));
        script.ask(OFFSET_FETCH, LATEST, "of a group that all have left", peer -> fetchAll(LATEST, group));
    }

    private void commitAs(String what, String group, ClassicClient member, int generation) {
        script.change(OFFSET_COMMIT, LATEST, group + ", " + what, peer -> commit(peer, LATEST, group, TOPIC, 0, 1)
                .setMemberId(member.id(peer))
                .setGenerationIdOrMemberEpoch(generation));
    }

    private void ofAnotherProtocol() {
        var worker = new ClassicClient(script, "workers", "a");
        worker.join("without a member id", request -> request.setProtocolType("connect"));
        worker.join("as a worker of Connect", request -> request.setProtocolType("connect"));
        worker.sync("itself", 1, Map.of(worker, "tasks"), request -> request.setProtocolType("connect"));
        commitAs("of a worker", "workers", worker, 1);
        script.change(OFFSET_DELETE, 0, "in a group of workers", peer -> delete("workers", TOPIC, 0));
    }

    private void unusualFetches() {
        script.ask(OFFSET_FETCH, LATEST, "many groups", peer -> new OffsetFetchRequestData()
                .setGroups(List.of(
                        group(peer, LATEST, "simple-5", TOPIC, 1),
                        group(peer, LATEST, "no-such-group", TOPIC, 1),
                        group(peer, LATEST, "", TOPIC, 2),
                        new OffsetFetchRequestGroup().setGroupId("simple-6").setTopics(null),
                        group(peer, LATEST, "simple-5", UNKNOWN, 0))));
        script.ask(OFFSET_FETCH, LATEST, "no groups", peer -> new OffsetFetchRequestData());
        script.ask(OFFSET_FETCH, LATEST, "a group without topics", peer -> new OffsetFetchRequestData()
                .setGroups(List.of(
                        new OffsetFetchRequestGroup().setGroupId("simple-5").setTopics(List.of()))));
        script.ask(OFFSET_FETCH, BY_ID, "no topic id", peer -> {
            var request = fetch(peer, BY_ID, "simple-5", TOPIC, 1);
            request.groups().get(0).topics().get(0).setTopicId(Uuid.ZERO_UUID);
            return request;
        });
        script.ask(
                OFFSET_FETCH,
                LATEST,
                "of a member of an unknown group",
                peer -> fetchAs(fetchAll(LATEST, "no-such-group"), "nobody", 1));
        script.ask(
                OFFSET_FETCH,
                LATEST,
                "of a member of a simple group",
                peer -> fetchAs(fetchAll(LATEST, "simple-5"), "nobody", 1));
        script.ask(
                OFFSET_FETCH,
                LATEST,
                "of a member without an epoch",
                peer -> fetchAs(fetchAll(LATEST, "simple-5"), "nobody", -1));
    }

    private void deleted() {
        script.change(OFFSET_DELETE, 0, "an offset", peer -> delete("simple-5", TOPIC, 1));
        script.change(OFFSET_DELETE, 0, "an offset that was not committed", peer -> delete("simple-6", TOPIC, 2));
        script.change(OFFSET_DELETE, 0, "unknown partitions", peer -> delete("simple-6", TOPIC, 9, -1));
        script.change(OFFSET_DELETE, 0, "an unknown topic", peer -> delete("simple-6", UNKNOWN, 0));
        script.change(OFFSET_DELETE, 0, "an unknown group", peer -> delete("no-such-group", TOPIC, 0));
        script.change(OFFSET_DELETE, 0, "empty group id", peer -> delete("", TOPIC, 2));
        script.change(OFFSET_DELETE, 0, "no partitions", peer -> delete("simple-6", TOPIC));
        script.change(OFFSET_DELETE, 0, "no topics", peer -> new OffsetDeleteRequestData().setGroupId("simple-6"));
        for (var group : List.of("simple-5", "simple-6")) {
            script.ask(OFFSET_FETCH, LATEST, "after deletions in " + group, peer -> fetchAll(LATEST, group));
        }
        var member = new ClassicClient(script, "subscribers", "a");
        member.join("without a member id", request -> subscribed(request, TOPIC));
        member.join("subscribed", request -> subscribed(request, TOPIC));
        member.sync("itself", 1, Map.of(member, "all"));
        for (var topic : List.of(TOPIC, "committed-too")) {
            script.change(OFFSET_COMMIT, LATEST, "a member's in " + topic, peer -> commit(
                            peer, LATEST, "subscribers", topic, 0, 8)
                    .setMemberId(member.id(peer))
                    .setGenerationIdOrMemberEpoch(1));
            script.change(
                    OFFSET_DELETE,
                    0,
                    "of a group subscribed to one topic, " + topic,
                    peer -> delete("subscribers", topic, 0));
        }
        script.ask(OFFSET_FETCH, LATEST, "of the subscribers", peer -> fetchAll(LATEST, "subscribers"));
        member.leave("");
        script.change(OFFSET_DELETE, 0, "of a group that all have left", peer -> delete("subscribers", TOPIC, 0));
    }

    private static void subscribed(org.apache.kafka.common.message.JoinGroupRequestData request, String topic) {
        request.protocols().find("range").setMetadata(ClassicClient.subscription("", topic));
    }

    /** The offsets go with the topic. */
    private void topicDeleted() {
        TopicSteps.setup(script, "doomed", 1);
        script.change(OFFSET_COMMIT, LATEST, "in a topic to be deleted", peer -> {
            var request = commit(peer, LATEST, "of-doomed", "doomed", 0, 2);
            request.topics().add(topic(peer, LATEST, TOPIC, 0, 3));
            return request;
        });
        script.change(DELETE_TOPICS, 5, "a topic with offsets", peer -> new DeleteTopicsRequestData()
                .setTopicNames(List.of("doomed"))
                .setTimeoutMs(5000));
        script.ask(OFFSET_FETCH, LATEST, "of a deleted topic", peer -> fetchAll(LATEST, "of-doomed"));
        script.ask(OFFSET_FETCH, BY_ID, "of a deleted topic", peer -> fetchAll(BY_ID, "of-doomed"));
    }

    static OffsetCommitRequestData commit(
            Peer peer, short version, String group, String topic, int partition, long offset) {
        var request = new OffsetCommitRequestData().setGroupId(group);
        request.topics().add(topic(peer, version, topic, partition, offset));
        return request;
    }

    private static OffsetCommitRequestTopic topic(Peer peer, short version, String topic, int partition, long offset) {
        var target = new OffsetCommitRequestTopic();
        if (version < BY_ID) {
            target.setName(topic);
        } else {
            target.setTopicId(id(peer, topic));
        }
        target.partitions()
                .add(new OffsetCommitRequestPartition()
                        .setPartitionIndex(partition)
                        .setCommittedOffset(offset)
                        .setCommittedMetadata(""));
        return target;
    }

    private static Uuid id(Peer peer, String topic) {
        return topic.equals(UNKNOWN) ? new Uuid(6, 6) : peer.knownTopicId(topic);
    }

    private static OffsetFetchRequestData fetch(
            Peer peer, short version, String group, String topic, Integer... partitions) {
        var request = new OffsetFetchRequestData();
        return version < BATCHED
                ? request.setGroupId(group)
                        .setTopics(List.of(new OffsetFetchRequestTopic()
                                .setName(topic)
                                .setPartitionIndexes(Arrays.asList(partitions))))
                : request.setGroups(List.of(group(peer, version, group, topic, partitions)));
    }

    private static OffsetFetchRequestGroup group(
            Peer peer, short version, String group, String topic, Integer... partitions) {
        var target = new OffsetFetchRequestTopics().setPartitionIndexes(Arrays.asList(partitions));
        if (version < BY_ID) {
            target.setName(topic);
        } else {
            target.setTopicId(id(peer, topic));
        }
        return new OffsetFetchRequestGroup().setGroupId(group).setTopics(List.of(target));
    }

    static OffsetFetchRequestData fetchAll(short version, String group) {
        var request = new OffsetFetchRequestData();
        return version < BATCHED
                ? request.setGroupId(group).setTopics(null)
                : request.setGroups(
                        List.of(new OffsetFetchRequestGroup().setGroupId(group).setTopics(null)));
    }

    static OffsetFetchRequestData fetchAs(OffsetFetchRequestData request, String member, int epoch) {
        request.groups().get(0).setMemberId(member).setMemberEpoch(epoch);
        return request;
    }

    private static OffsetDeleteRequestData delete(String group, String topic, int... partitions) {
        var target = new OffsetDeleteRequestTopic().setName(topic);
        Arrays.stream(partitions)
                .forEach(index -> target.partitions().add(new OffsetDeleteRequestPartition().setPartitionIndex(index)));
        var request = new OffsetDeleteRequestData().setGroupId(group);
        request.topics().add(target);
        return request;
    }
}
