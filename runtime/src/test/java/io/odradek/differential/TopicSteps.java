package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.CREATE_PARTITIONS;
import static org.apache.kafka.common.protocol.ApiKeys.CREATE_TOPICS;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_TOPICS;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;

/** Topics are created, grown and deleted. */
final class TopicSteps {
    private static final int TIMEOUT_MS = 10_000;

    private TopicSteps() {}

    static void add(Script script) {
        createEachVersion(script);
        createEdgeCases(script);
        partitions(script);
        deleteEachVersion(script);
        deleteEdgeCases(script);
        admin(script);
    }

    private static void createEachVersion(Script script) {
        script.changeEachVersion(
                CREATE_TOPICS, "two partitions", (peer, version) -> create(topic("created-v" + version, 2, 1)));
        script.changeEachVersion(CREATE_TOPICS, "again", (peer, version) -> create(topic("created-v" + version, 2, 1)));
        script.changeEachVersion(
                CREATE_TOPICS, "validate only", (peer, version) -> create(topic("validated-v" + version, 2, 1))
                        .setValidateOnly(true));
        script.changeEachVersion(
                CREATE_TOPICS, "validate only, exists", (peer, version) -> create(topic("created-v" + version, 2, 1))
                        .setValidateOnly(true));
        script.changeEachVersion(
                CREATE_TOPICS,
                "the broker's defaults",
                (peer, version) -> create(topic("defaults-v" + version, -1, -1)));
        script.changeEachVersion(
                CREATE_TOPICS,
                "configs",
                (peer, version) -> create(configured(
                        topic("configured-v" + version, 1, 1),
                        Map.of("retention.ms", "1000", "cleanup.policy", "compact,delete"))));
        script.changeEachVersion(
                CREATE_TOPICS,
                "assignments",
                (peer, version) -> create(assigned(topic("assigned-v" + version, -1, -1), List.of(1), List.of(1))));
        script.changeEachVersion(CREATE_TOPICS, "nothing", (peer, version) -> create());
    }

    private static void createEdgeCases(Script script) {
        refused(script, "too many replicas", topic("refused", 1, 2));
        refused(script, "no partitions", topic("refused", 0, 1));
        refused(script, "negative partitions", topic("refused", -2, 1));
        refused(script, "no replicas", topic("refused", 1, 0));
        refused(script, "negative replicas", topic("refused", 1, -2));
        refused(script, "neither partitions nor replicas", topic("refused", 0, 0));
        refused(script, "too many partitions", topic("refused", 10_001, 1));
        for (var name : List.of("", ".", "..", "a b", "a/b", "ü", "x".repeat(250))) {
            refused(script, "name '" + name.substring(0, Math.min(4, name.length())) + "'", topic(name, 1, 1));
        }
        script.change(CREATE_TOPICS, 7, "longest name", peer -> create(topic("x".repeat(249), 1, 1)));
        script.change(CREATE_TOPICS, 7, "a.b", peer -> create(topic("a.b", 1, 1)));
        refused(script, "a_b collides", topic("a_b", 1, 1));
        refused(script, "metadata topic", topic("__cluster_metadata", 1, 1));
        refused(script, "config unknown", configured(topic("refused", 1, 1), Map.of("no.such.config", "1")));
        refused(script, "config malformed", configured(topic("refused", 1, 1), Map.of("retention.ms", "soon")));
        refused(script, "config out of range", configured(topic("refused", 1, 1), Map.of("retention.ms", "-2")));
        refused(script, "cleanup policy unknown", configured(topic("refused", 1, 1), Map.of("cleanup.policy", "burn")));
        refused(
                script,
                "compaction lags in conflict",
                configured(
                        topic("refused", 1, 1), Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "5")));
        refused(script, "config empty", configured(topic("refused", 1, 1), Map.of("retention.ms", "")));
        refused(script, "config null", configNull(topic("refused", 1, 1)));
        refused(script, "config null, name invalid", configNull(topic("a b", 1, 1)));
        refused(script, "assigned to nobody", assigned(topic("refused", -1, -1), List.of()));
        refused(script, "assigned to a stranger", assigned(topic("refused", -1, -1), List.of(7)));
        refused(script, "assigned twice to one", assigned(topic("refused", -1, -1), List.of(1, 1)));
        refused(script, "assigned unevenly", assigned(topic("refused", -1, -1), List.of(1), List.of(1, 2)));
        refused(script, "assigned and counted", assigned(topic("refused", 1, -1), List.of(1)));
        refused(script, "assigned and replicated", assigned(topic("refused", -1, 1), List.of(1)));
        var gap = topic("refused", -1, -1);
        gap.assignments()
                .add(new CreatableReplicaAssignment().setPartitionIndex(1).setBrokerIds(List.of(1)));
        refused(script, "assigned with a gap", gap);
        var twice = assigned(topic("refused", -1, -1), List.of(1));
        twice.assignments()
                .mustAdd(new CreatableReplicaAssignment().setPartitionIndex(0).setBrokerIds(List.of(1)));
        refused(script, "partition assigned twice", twice);
        script.change(
                CREATE_TOPICS,
                7,
                "one name twice, another once",
                peer -> create(topic("twice", 1, 1), topic("twice", 2, 1), topic("once", 1, 1)));
        script.change(
                CREATE_TOPICS,
                7,
                "good and bad together",
                peer -> create(topic("good", 1, 1), topic("b/d", 1, 1), topic("a.b", 1, 1)));
    }

    /** In an old version, in the newest, and with validate-only. */
    private static void refused(Script script, String name, CreatableTopic topic) {
        for (short version : new short[] {CREATE_TOPICS.oldestVersion(), CREATE_TOPICS.latestVersion(false)}) {
            script.change(CREATE_TOPICS, version, name, peer -> create(topic.duplicate()));
        }
        script.change(CREATE_TOPICS, CREATE_TOPICS.latestVersion(false), name + ", validate only", peer -> create(
                        topic.duplicate())
                .setValidateOnly(true));
    }

    private static void partitions(Script script) {
        script.changeEachVersion(CREATE_PARTITIONS, "validate only", (peer, version) -> grow("created-v2", 3, null)
                .setValidateOnly(true));
        script.changeEachVersion(
                CREATE_PARTITIONS, "one more", (peer, version) -> grow("created-v2", 3 + version, null));
        script.changeEachVersion(CREATE_PARTITIONS, "unknown topic", (peer, version) -> grow("no-such-topic", 3, null));
        grow(script, "same count", "created-v3", 2, null);
        grow(script, "fewer", "created-v3", 1, null);
        grow(script, "none", "created-v3", 0, null);
        grow(script, "negative", "created-v3", -1, null);
        grow(script, "assigned", "created-v3", 3, List.of(List.of(1)));
        grow(script, "too few assignments", "created-v3", 5, List.of(List.of(1)));
        grow(script, "too many assignments", "created-v3", 4, List.of(List.of(1), List.of(1)));
        grow(script, "assigned to a stranger", "created-v3", 4, List.of(List.of(9)));
        grow(script, "assigned to nobody", "created-v3", 4, List.of(List.of()));
        grow(script, "assigned to more than before", "created-v3", 4, List.of(List.of(1, 2)));
        script.change(CREATE_PARTITIONS, 3, "one topic twice", peer -> {
            var request = grow("created-v3", 8, null);
            request.topics()
                    .mustAdd(new CreatePartitionsTopic()
                            .setName("created-v3")
                            .setCount(9)
                            .setAssignments(null));
            return request;
        });
    }

    private static void grow(Script script, String name, String topic, int count, List<List<Integer>> assignments) {
        script.change(CREATE_PARTITIONS, 3, name + ", validate only", peer -> grow(topic, count, assignments)
                .setValidateOnly(true));
        script.change(CREATE_PARTITIONS, 3, name, peer -> grow(topic, count, assignments));
    }

    private static void deleteEachVersion(Script script) {
        for (short version = DELETE_TOPICS.oldestVersion(); version <= DELETE_TOPICS.latestVersion(false); version++) {
            short v = version;
            setup(script, "deleted-v" + v, 1);
            script.change(DELETE_TOPICS, v, "by name", peer -> deleteByName(v, "deleted-v" + v));
            script.change(DELETE_TOPICS, v, "again", peer -> deleteByName(v, "deleted-v" + v));
            script.change(
                    DELETE_TOPICS, v, "one name twice", peer -> deleteByName(v, "no-such-topic", "no-such-topic"));
            script.change(DELETE_TOPICS, v, "nothing", peer -> deleteByName(v));
        }
    }

    private static void deleteEdgeCases(Script script) {
        setup(script, "by-id", 2);
        script.change(DELETE_TOPICS, 6, "unknown id", peer -> delete(id(new Uuid(5, 5))));
        script.change(DELETE_TOPICS, 6, "neither name nor id", peer -> delete(id(Uuid.ZERO_UUID)));
        script.change(
                DELETE_TOPICS,
                6,
                "name and id",
                peer -> delete(id(peer.topicId("by-id")).setName("by-id")));
        script.change(
                DELETE_TOPICS, 6, "an id twice", peer -> delete(id(peer.topicId("by-id")), id(peer.topicId("by-id"))));
        script.change(DELETE_TOPICS, 6, "by id", peer -> delete(id(peer.topicId("by-id"))));
        script.change(DELETE_TOPICS, 6, "name invalid", peer -> deleteByName((short) 6, "a b"));
        setup(script, "by-both", 1);
        script.change(
                DELETE_TOPICS,
                6,
                "a name and the same topic's id",
                peer -> delete(id(peer.topicId("by-both")), new DeleteTopicState().setName("by-both")));
    }

    private static void admin(Script script) {
        script.change(
                "Admin.createTopics",
                peer -> Script.outcome(() -> {
                    var result = peer.admin().createTopics(List.of(new NewTopic("admin-made", 2, (short) 1)));
                    return result.numPartitions("admin-made").get() + " "
                            + result.replicationFactor("admin-made").get();
                }));
        script.change(
                "Admin.createTopics again",
                peer -> Script.outcome(() -> peer.admin()
                        .createTopics(List.of(new NewTopic("admin-made", 2, (short) 1)))
                        .all()
                        .get()));
        script.change("Admin.createPartitions", peer -> {
            peer.awaitTopic("admin-made", 2);
            return Script.outcome(() -> peer.admin()
                    .createPartitions(Map.of("admin-made", NewPartitions.increaseTo(4)))
                    .all()
                    .get());
        });
        script.change(
                "Admin.deleteTopics",
                peer -> Script.outcome(() ->
                        peer.admin().deleteTopics(List.of("admin-made")).all().get()));
        script.change(
                "Admin.deleteTopics again",
                peer -> Script.outcome(() ->
                        peer.admin().deleteTopics(List.of("admin-made")).all().get()));
    }

    /** Creates a topic and waits until it can be used. */
    static void setup(Script script, String name, int partitions, String... configs) {
        script.change("set up " + name, peer -> {
            var topic = topic(name, partitions, 1);
            for (int i = 0; i < configs.length; i += 2) {
                topic.configs()
                        .add(new CreatableTopicConfig().setName(configs[i]).setValue(configs[i + 1]));
            }
            var answer = peer.call(CREATE_TOPICS, 7, create(topic));
            peer.awaitTopic(name, partitions);
            return answer == null ? TextNode.valueOf("none") : answer;
        });
    }

    private static CreateTopicsRequestData create(CreatableTopic... topics) {
        var request = new CreateTopicsRequestData().setTimeoutMs(TIMEOUT_MS);
        Arrays.stream(topics).forEach(request.topics()::mustAdd);
        return request;
    }

    private static CreatableTopic topic(String name, int partitions, int replicationFactor) {
        return new CreatableTopic().setName(name).setNumPartitions(partitions).setReplicationFactor((short)
                replicationFactor);
    }

    private static CreatableTopic configured(CreatableTopic topic, Map<String, String> configs) {
        configs.forEach((name, value) ->
                topic.configs().add(new CreatableTopicConfig().setName(name).setValue(value)));
        return topic;
    }

    private static CreatableTopic configNull(CreatableTopic topic) {
        topic.configs().add(new CreatableTopicConfig().setName("retention.ms").setValue(null));
        return topic;
    }

    @SafeVarargs
    private static CreatableTopic assigned(CreatableTopic topic, List<Integer>... replicas) {
        for (int partition = 0; partition < replicas.length; partition++) {
            topic.assignments()
                    .add(new CreatableReplicaAssignment()
                            .setPartitionIndex(partition)
                            .setBrokerIds(replicas[partition]));
        }
        return topic;
    }

    private static CreatePartitionsRequestData grow(String topic, int count, List<List<Integer>> assignments) {
        var grown = new CreatePartitionsTopic().setName(topic).setCount(count);
        grown.setAssignments(
                assignments == null
                        ? null
                        : assignments.stream()
                                .map(ids -> new CreatePartitionsAssignment().setBrokerIds(ids))
                                .toList());
        var request = new CreatePartitionsRequestData().setTimeoutMs(TIMEOUT_MS);
        request.topics().add(grown);
        return request;
    }

    private static DeleteTopicsRequestData deleteByName(short version, String... names) {
        var request = new DeleteTopicsRequestData().setTimeoutMs(TIMEOUT_MS);
        return version < 6
                ? request.setTopicNames(List.of(names))
                : request.setTopics(Arrays.stream(names)
                        .map(name -> new DeleteTopicState().setName(name))
                        .toList());
    }

    private static DeleteTopicsRequestData delete(DeleteTopicState... topics) {
        return new DeleteTopicsRequestData().setTimeoutMs(TIMEOUT_MS).setTopics(List.of(topics));
    }

    private static DeleteTopicState id(Uuid id) {
        return new DeleteTopicState().setName(null).setTopicId(id);
    }
}
