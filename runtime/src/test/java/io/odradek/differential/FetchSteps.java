package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.ALTER_REPLICA_LOG_DIRS;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_RECORDS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_LOG_DIRS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_PRODUCERS;
import static org.apache.kafka.common.protocol.ApiKeys.FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_OFFSETS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_FOR_LEADER_EPOCH;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Records are read, looked for and deleted. */
final class FetchSteps {
    private static final short FIRST_VERSION_BY_ID = 13;
    private static final short FIRST_VERSION_OF_SESSIONS = 7;

    private FetchSteps() {}

    static void add(Script script) {
        eachVersion(script);
        sessions(script);
        listOffsets(script);
        leaderEpochs(script);
        producers(script);
        logDirs(script);
        moveLogs(script);
        client(script);
        deleteRecords(script);
    }

    private static void eachVersion(Script script) {
        for (short version = FETCH.oldestVersion(); version <= FETCH.latestVersion(false); version++) {
            short v = version;
            fetch(script, v, "from the start", "data", 0, 0);
            fetch(script, v, "from the middle", "data", 0, 3);
            fetch(script, v, "an empty partition", "data", 1, 0);
            fetch(script, v, "beyond the end", "data", 0, 1_000);
            fetch(script, v, "before the start", "data", 0, -1);
            fetch(script, v, "an unknown partition", "data", 9, 0);
            fetch(script, v, "an unknown topic", "no-such-topic", 0, 0);
            fetch(script, v, "one byte", peer -> request(peer, v, "data", 0, 0), r -> r.setMaxBytes(1));
            fetch(script, v, "one byte of the partition", peer -> request(peer, v, "data", 0, 3), r -> partition(r)
                    .setPartitionMaxBytes(1));
            fetch(
                    script,
                    v,
                    "committed alone",
                    peer -> request(peer, v, "data", 0, 0),
                    r -> r.setIsolationLevel((byte) 1));
            if (v >= 9) {
                for (int epoch : new int[] {0, 1, 5}) {
                    fetch(
                            script,
                            v,
                            "current leader epoch " + epoch,
                            peer -> request(peer, v, "data", 0, 3),
                            r -> partition(r).setCurrentLeaderEpoch(epoch));
                }
            }
            if (v >= 12) {
                for (int epoch : new int[] {0, 5}) {
                    fetch(
                            script,
                            v,
                            "last fetched epoch " + epoch,
                            peer -> request(peer, v, "data", 0, 3),
                            r -> partition(r).setLastFetchedEpoch(epoch));
                }
            }
        }
    }

    private static void sessions(Script script) {
        for (short version = FIRST_VERSION_OF_SESSIONS; version <= FETCH.latestVersion(false); version++) {
            short v = version;
            fetch(script, v, "a session that is not there", peer -> request(peer, v, "data", 0, 0), r -> r.setSessionId(
                            123_456)
                    .setSessionEpoch(1));
            fetch(script, v, "no session, an epoch", peer -> request(peer, v, "data", 0, 0), r -> r.setSessionId(0)
                    .setSessionEpoch(5));
            script.change("Fetch v" + v + ": a session, step by step", peer -> session(peer, v));
        }
    }

    private static JsonNode session(Peer peer, short version) {
        var answers = new ArrayList<JsonNode>();
        FetchResponseData first =
                peer.answer(FETCH, version, request(peer, version, "data", 0, 0).setSessionEpoch(0));
        answers.add(describe(peer, version, first));
        int id = first.sessionId();
        var nothing = new FetchRequestData().setMaxWaitMs(1).setMinBytes(1);
        answers.add(describe(
                peer,
                version,
                peer.answer(FETCH, version, nothing.duplicate().setSessionId(id).setSessionEpoch(1))));
        answers.add(describe(
                peer,
                version,
                peer.answer(FETCH, version, nothing.duplicate().setSessionId(id).setSessionEpoch(9))));
        answers.add(describe(
                peer,
                version,
                peer.answer(
                        FETCH,
                        version,
                        request(peer, version, "data", 1, 0).setSessionId(id).setSessionEpoch(2))));
        answers.add(describe(
                peer,
                version,
                peer.answer(
                        FETCH,
                        version,
                        request(peer, version, "data", 0, 3).setSessionId(id).setSessionEpoch(3))));
        answers.add(describe(
                peer,
                version,
                peer.answer(FETCH, version, nothing.duplicate().setSessionId(id).setSessionEpoch(-1))));
        answers.add(describe(
                peer,
                version,
                peer.answer(FETCH, version, nothing.duplicate().setSessionId(id).setSessionEpoch(4))));
        return Script.all(answers);
    }

    static void fetch(Script script, short version, String name, String topic, int partition, long offset) {
        fetch(script, version, name, peer -> request(peer, version, topic, partition, offset), r -> {});
    }

    private static void fetch(
            Script script,
            short version,
            String name,
            java.util.function.Function<Peer, FetchRequestData> request,
            Consumer<FetchRequestData> change) {
        script.ask("Fetch v" + version + ": " + name, peer -> {
            var changed = request.apply(peer);
            change.accept(changed);
            FetchResponseData answer = peer.answer(FETCH, version, changed);
            return answer == null ? TextNode.valueOf("<disconnected>") : describe(peer, version, answer);
        });
    }

    private static JsonNode describe(Peer peer, short version, FetchResponseData answer) {
        var records = Batches.describe(answer);
        answer.responses().forEach(topic -> topic.partitions().forEach(p -> p.setRecords(null)));
        var json = peer.normal(Wire.json(answer, version));
        ((ObjectNode) json).set("records", records);
        return json;
    }

    private static FetchRequestData request(Peer peer, short version, String topic, int partition, long offset) {
        var target = new FetchTopic()
                .setPartitions(List.of(new FetchPartition()
                        .setPartition(partition)
                        .setFetchOffset(offset)
                        .setPartitionMaxBytes(1 << 20)));
        if (version < FIRST_VERSION_BY_ID) {
            target.setTopic(topic);
        } else {
            target.setTopicId(topic.equals("no-such-topic") ? new Uuid(6, 6) : peer.topicId(topic));
        }
        return new FetchRequestData()
                .setMaxWaitMs(1)
                .setMinBytes(1)
                .setSessionEpoch(-1)
                .setTopics(List.of(target));
    }

    private static FetchPartition partition(FetchRequestData request) {
        return request.topics().get(0).partitions().get(0);
    }

    private static void listOffsets(Script script) {
        for (short version = LIST_OFFSETS.oldestVersion(); version <= LIST_OFFSETS.latestVersion(false); version++) {
            for (long timestamp : new long[] {-1, -2, -3, -4, -5, -6, -7, 0, 1_700_000_000_000L, 1_900_000_000_000L}) {
                offsets(script, version, "at " + timestamp, "data", 0, timestamp);
            }
            offsets(script, version, "end of an empty partition", "data", 1, -1);
            offsets(script, version, "time in an empty partition", "data", 1, 0);
            offsets(script, version, "an unknown partition", "data", 9, -1);
            offsets(script, version, "an unknown topic", "no-such-topic", 0, -1);
        }
        for (short version = 4; version <= LIST_OFFSETS.latestVersion(false); version++) {
            for (int epoch : new int[] {0, 5}) {
                script.ask(LIST_OFFSETS, version, "leader epoch " + epoch, peer -> {
                    var request = offsets("data", 0, -1);
                    request.topics().get(0).partitions().get(0).setCurrentLeaderEpoch(epoch);
                    return request;
                });
            }
        }
        script.ask(LIST_OFFSETS, 9, "committed", peer -> offsets("data", 0, -1).setIsolationLevel((byte) 1));
        script.ask(LIST_OFFSETS, 9, "a partition twice", peer -> {
            var request = offsets("data", 0, -1);
            request.topics()
                    .get(0)
                    .setPartitions(List.of(
                            new ListOffsetsPartition().setPartitionIndex(0).setTimestamp(-1),
                            new ListOffsetsPartition().setPartitionIndex(0).setTimestamp(-2)));
            return request;
        });
    }

    private static void offsets(Script script, short version, String name, String topic, int partition, long time) {
        script.ask(LIST_OFFSETS, version, name, peer -> offsets(topic, partition, time));
    }

    private static ListOffsetsRequestData offsets(String topic, int partition, long timestamp) {
        return new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new ListOffsetsPartition()
                                .setPartitionIndex(partition)
                                .setTimestamp(timestamp)))));
    }

    private static void leaderEpochs(Script script) {
        for (short version = OFFSET_FOR_LEADER_EPOCH.oldestVersion();
                version <= OFFSET_FOR_LEADER_EPOCH.latestVersion(false);
                version++) {
            for (int epoch : new int[] {0, 1, -1, 7}) {
                epoch(script, version, "epoch " + epoch, "data", 0, epoch, -1);
            }
            epoch(script, version, "an unknown partition", "data", 9, 0, -1);
            epoch(script, version, "an unknown topic", "no-such-topic", 0, 0, -1);
            epoch(script, version, "current epoch too high", "data", 0, 0, 9);
            epoch(script, version, "an empty partition", "data", 1, 0, -1);
        }
    }

    private static void epoch(
            Script script, short version, String name, String topic, int partition, int epoch, int currentEpoch) {
        script.ask(OFFSET_FOR_LEADER_EPOCH, version, name, peer -> {
            var target = new OffsetForLeaderTopic()
                    .setTopic(topic)
                    .setPartitions(List.of(new OffsetForLeaderPartition()
                            .setPartition(partition)
                            .setLeaderEpoch(epoch)
                            .setCurrentLeaderEpoch(currentEpoch)));
            var request = new OffsetForLeaderEpochRequestData();
            if (version >= 3) {
                request.setReplicaId(-1);
            }
            request.topics().add(target);
            return request;
        });
    }

    private static void producers(Script script) {
        for (int partition : new int[] {0, 9}) {
            script.ask(DESCRIBE_PRODUCERS, 0, "partition " + partition, peer -> producers("exact", partition));
        }
        script.ask(DESCRIBE_PRODUCERS, 0, "an unknown topic", peer -> producers("no-such-topic", 0));
        script.ask(DESCRIBE_PRODUCERS, 0, "an invalid topic", peer -> producers("a b", 0));
    }

    private static DescribeProducersRequestData producers(String topic, int partition) {
        return new DescribeProducersRequestData()
                .setTopics(List.of(new DescribeProducersRequestData.TopicRequest()
                        .setName(topic)
                        .setPartitionIndexes(List.of(partition))));
    }

    private static void logDirs(Script script) {
        script.askEachVersion(DESCRIBE_LOG_DIRS, "one topic", (peer, version) -> logDirs("data", 0, 1, 9));
        script.askEachVersion(DESCRIBE_LOG_DIRS, "an unknown topic", (peer, version) -> logDirs("no-such-topic", 0));
        script.askEachVersion(DESCRIBE_LOG_DIRS, "no topic", (peer, version) -> new DescribeLogDirsRequestData()
                .setTopics(new DescribeLogDirsRequestData.DescribableLogDirTopicCollection()));
    }

    private static void moveLogs(Script script) {
        script.changeEachVersion(
                ALTER_REPLICA_LOG_DIRS, "to where it is", (peer, version) -> move(directory(peer), "data", 0));
        script.changeEachVersion(
                ALTER_REPLICA_LOG_DIRS, "an unknown partition", (peer, version) -> move(directory(peer), "data", 99));
        script.changeEachVersion(
                ALTER_REPLICA_LOG_DIRS,
                "an unknown topic",
                (peer, version) -> move(directory(peer), "no-such-topic", 0));
        script.changeEachVersion(
                ALTER_REPLICA_LOG_DIRS, "an unknown directory", (peer, version) -> move("/no/such", "data", 0));
        script.changeEachVersion(
                ALTER_REPLICA_LOG_DIRS,
                "an unknown directory and topic",
                (peer, version) -> move("/no/such", "no-such-topic", 0));
        script.changeEachVersion(
                ALTER_REPLICA_LOG_DIRS, "a relative directory", (peer, version) -> move("data", "data", 0));
        script.changeEachVersion(
                ALTER_REPLICA_LOG_DIRS,
                "a name that is too long",
                (peer, version) -> move(directory(peer), "x".repeat(249), 0));
        script.changeEachVersion(
                ALTER_REPLICA_LOG_DIRS, "nothing", (peer, version) -> new AlterReplicaLogDirsRequestData());
    }

    private static String directory(Peer peer) {
        try {
            int node = peer.admin()
                    .describeCluster()
                    .nodes()
                    .get()
                    .iterator()
                    .next()
                    .id();
            var directories = peer.admin().describeLogDirs(List.of(node)).allDescriptions();
            return directories.get().get(node).keySet().iterator().next();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private static AlterReplicaLogDirsRequestData move(String path, String topic, int partition) {
        var request = new AlterReplicaLogDirsRequestData();
        var directory = new AlterReplicaLogDirsRequestData.AlterReplicaLogDir().setPath(path);
        directory
                .topics()
                .add(new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic()
                        .setName(topic)
                        .setPartitions(List.of(partition)));
        request.dirs().add(directory);
        return request;
    }

    private static DescribeLogDirsRequestData logDirs(String topic, Integer... partitions) {
        var topics = new DescribeLogDirsRequestData.DescribableLogDirTopicCollection();
        topics.add(new DescribeLogDirsRequestData.DescribableLogDirTopic()
                .setTopic(topic)
                .setPartitions(List.of(partitions)));
        return new DescribeLogDirsRequestData().setTopics(topics);
    }

    private static void client(Script script) {
        script.ask(
                "KafkaConsumer, from the beginning",
                peer -> Script.outcome(() -> {
                    Map<String, Object> config =
                            Map.of("bootstrap.servers", peer.bootstrap(), "enable.auto.commit", false);
                    try (var consumer =
                            new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
                        var partition = new TopicPartition("client-made", 0);
                        consumer.assign(List.of(partition));
                        consumer.seekToBeginning(List.of(partition));
                        var text = new StringBuilder();
                        while (consumer.position(partition) < 5) {
                            consumer.poll(Duration.ofSeconds(5)).forEach(r -> text.append(r.offset())
                                    .append('=')
                                    .append(r.value())
                                    .append(' '));
                        }
                        return text + " of " + consumer.endOffsets(List.of(partition));
                    }
                }));
    }

    private static void deleteRecords(Script script) {
        for (short version = DELETE_RECORDS.oldestVersion();
                version <= DELETE_RECORDS.latestVersion(false);
                version++) {
            delete(script, version, "before " + (version + 2), "data", 0, version + 2);
            delete(script, version, "before what is deleted", "data", 0, 1);
            delete(script, version, "beyond the end", "data", 0, 1_000);
            delete(script, version, "negative", "data", 0, -5);
            delete(script, version, "of a compacted topic", "compacted", 0, 1);
            delete(script, version, "an unknown partition", "data", 9, 1);
            delete(script, version, "an unknown topic", "no-such-topic", 0, 1);
        }
        fetch(script, (short) 12, "what is deleted", "data", 0, 0);
        fetch(script, (short) 12, "what is left", "data", 0, 5);
        offsets(script, (short) 9, "earliest after deletion", "data", 0, -2);
        offsets(script, (short) 9, "earliest local after deletion", "data", 0, -4);
        delete(script, (short) 2, "everything", "data", 0, -1);
        fetch(script, (short) 12, "after everything was deleted", "data", 0, 5);
        offsets(script, (short) 9, "earliest after all was deleted", "data", 0, -2);
    }

    private static void delete(Script script, short version, String name, String topic, int partition, long offset) {
        script.change(DELETE_RECORDS, version, name, peer -> new DeleteRecordsRequestData()
                .setTimeoutMs(5000)
                .setTopics(List.of(new DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new DeleteRecordsPartition()
                                .setPartitionIndex(partition)
                                .setOffset(offset))))));
    }
}
