package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.ADD_OFFSETS_TO_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.ADD_PARTITIONS_TO_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_PRODUCERS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_TRANSACTIONS;
import static org.apache.kafka.common.protocol.ApiKeys.END_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.INIT_PRODUCER_ID;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_TRANSACTIONS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.TXN_OFFSET_COMMIT;
import static org.apache.kafka.common.protocol.ApiKeys.WRITE_TXN_MARKERS;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;

/** Transactions, from the id to the markers, and what is refused. */
final class TransactionSteps {
    static final String TOPIC = "transacted";
    private static final short IMPLICIT_PRODUCE = 12;
    private static final short EXPLICIT_PRODUCE = 11;

    private final Script script;

    private TransactionSteps(Script script) {
        this.script = script;
    }

    static void add(Script script) {
        var steps = new TransactionSteps(script);
        TopicSteps.setup(script, TOPIC, 3);
        for (short version = INIT_PRODUCER_ID.oldestVersion();
                version <= INIT_PRODUCER_ID.latestVersion(false);
                version++) {
            steps.identities(version);
        }
        for (short version = END_TXN.oldestVersion(); version <= END_TXN.latestVersion(false); version++) {
            steps.lifeOfATransaction(version);
        }
        steps.invalidAdditions();
        steps.batchedAdditions();
        steps.illegalProduces();
        for (short version = TXN_OFFSET_COMMIT.oldestVersion();
                version <= TXN_OFFSET_COMMIT.latestVersion(false);
                version++) {
            steps.offsets(version);
        }
        steps.invalidOffsets();
        steps.fenced();
        steps.timedOut();
        steps.markers();
        steps.listed();
    }

    private TransactionalClient client(String id) {
        return new TransactionalClient(script, id);
    }

    private void identities(short version) {
        var client = client("identity-v" + version);
        client.describe("before it is there");
        client.init(version, "for the first time", request -> {});
        client.init(version, "again", request -> {});
        client.describe("twice begun");
        for (int timeoutMs : new int[] {0, -1, Integer.MAX_VALUE}) {
            client.init(version, "timeout of " + timeoutMs, request -> request.setTransactionTimeoutMs(timeoutMs));
        }
        client.init(version, "a long id", request -> request.setTransactionalId("t".repeat(10_000)));
        client.init(version, "an id of strange letters", request -> request.setTransactionalId("a b/../ü\n"));
        if (version >= 3) {
            own(client, version, "its own id and epoch", 0, 0);
            own(client, version, "its own id and the epoch before", 0, -1);
            own(client, version, "its own id and an epoch long ago", 0, -2);
            own(client, version, "its own id and an epoch to come", 0, 1);
            own(client, version, "another id", 500_000, 0);
            client.init(version, "half an id", request -> request.setProducerId(5));
            client.init(version, "half an epoch", request -> request.setProducerEpoch((short) 5));
            client("identity-never-v" + version)
                    .init(version, "an id of its own that nobody gave it", request -> request.setProducerId(5)
                            .setProducerEpoch((short) 5));
        }
        client.describe("at the end");
    }

    private void own(TransactionalClient client, short version, String what, long idsAhead, int epochsAhead) {
        script.change(
                INIT_PRODUCER_ID,
                version,
                client.id() + ", " + what,
                peer -> new org.apache.kafka.common.message.InitProducerIdRequestData()
                        .setTransactionalId(client.id())
                        .setTransactionTimeoutMs(60_000)
                        .setProducerId(client.producerId(peer) + idsAhead)
                        .setProducerEpoch((short) (client.epoch(peer) + epochsAhead)));
    }

    private void lifeOfATransaction(short version) {
        var client = client("life-v" + version);
        int add = Math.min(version, 3);
        client.init();
        client.end(version, "commits nothing", true);
        client.end(version, "aborts nothing", false);
        client.add(add, "adds two partitions", TOPIC, 0, 1);
        client.describe("with partitions");
        client.add(add, "adds one of them again", TOPIC, 0);
        client.produce(EXPLICIT_PRODUCE, "writes", 0, 0, "kept-" + version);
        client.produce(EXPLICIT_PRODUCE, "writes to the other", 1, 0, "kept-" + version, "kept-too");
        TransactionalClient.read(script, "while " + client.id() + " is open", 0);
        producers("while " + client.id() + " is open", 0);
        client.end(version, "of a stale epoch", true, request -> request.setProducerEpoch((short) -1));
        client.end(version, "of an epoch to come", true, request -> request.setProducerEpoch((short) 1000));
        client.end(version, "of another producer id", true, request -> request.setProducerId(77));
        client.end(version, "of an unknown id", true, request -> request.setTransactionalId("no-such-id"));
        client.end(version, "of an empty id", true, request -> request.setTransactionalId(""));
        client.end(version, "commits", true);
        TransactionalClient.read(script, client.id() + " was committed", 0);
        producers(client.id() + " was committed", 0);
        client.end(version, "commits again", true);
        client.end(version, "aborts what was committed", false);

        client.add(add, "adds a partition", TOPIC, 0);
        client.produce(EXPLICIT_PRODUCE, "writes", 0, version < 5 ? 1 : 0, "dropped-" + version);
        client.end(version, "aborts", false);
        TransactionalClient.read(script, client.id() + " was aborted", 0);
        client.end(version, "aborts again", false);
        client.end(version, "commits what was aborted", true);
        client.init(INIT_PRODUCER_ID.latestVersion(false), "begins anew", request -> {});
    }

    private void invalidAdditions() {
        var client = client("additions");
        client.init();
        for (int v = 0; v <= 3; v++) {
            int version = v;
            client.add(version, "unknown partitions", TOPIC, 9, -1);
            client.add(version, "an unknown topic", "no-such-topic", 0);
            client.add(version, "an unknown partition and a good one", TOPIC, 0, 9);
            client.add(version, "no partitions", TOPIC);
            addition(version, "no topics", client, request -> request.v3AndBelowTopics()
                    .clear());
            addition(version, "an unknown id", client, request -> request.setV3AndBelowTransactionalId("no-such-id"));
            addition(version, "an empty id", client, request -> request.setV3AndBelowTransactionalId(""));
            addition(version, "another producer id", client, request -> request.setV3AndBelowProducerId(77));
            addition(version, "no producer id", client, request -> request.setV3AndBelowProducerId(-1));
            addition(version, "a stale epoch", client, request -> request.setV3AndBelowProducerEpoch((short) -1));
            addition(version, "an epoch to come", client, request -> request.setV3AndBelowProducerEpoch((short) 7));
            client.describe("after invalid additions of version " + version);
        }
        client.add(3, "an internal topic", "__consumer_offsets", 0);
        client.end(4, "ends it all", false);
    }

    private static void addition(
            int version, String what, TransactionalClient client, Consumer<AddPartitionsToTxnRequestData> changes) {
        client.add(version, what, changes, TOPIC, 0);
    }

    /** The form in which brokers ask coordinators. */
    private void batchedAdditions() {
        var client = client("batched");
        client.init();
        for (int v = 4; v <= ADD_PARTITIONS_TO_TXN.latestVersion(false); v++) {
            int version = v;
            verify(version, "what is not in a transaction", client, TOPIC, 0);
            client.add(version, "adds", TOPIC, 0);
            verify(version, "what is in a transaction", client, TOPIC, 0);
            verify(version, "what is and what is not in a transaction", client, TOPIC, 0, 2);
            verify(version, "an unknown topic", client, "no-such-topic", 0);
            for (boolean verifyOnly : new boolean[] {false, true}) {
                batched(version, "unknown id", client, verifyOnly, "no-such-id", 0, 0);
                batched(version, "empty id", client, verifyOnly, "", 0, 0);
                batched(version, "another producer id", client, verifyOnly, client.id(), 55, 0);
                batched(version, "epoch before", client, verifyOnly, client.id(), 0, -1);
                batched(version, "epoch to come", client, verifyOnly, client.id(), 0, 1);
            }
            // Nothing at all is not asked for: Apache Kafka never answers that.
            script.change(ADD_PARTITIONS_TO_TXN, version, "good and bad ones", peer -> {
                var request = client.addition(peer, version, TOPIC, 1);
                var bad = client.addition(peer, version, TOPIC, 1)
                        .transactions()
                        .find(client.id())
                        .duplicate();
                request.transactions().add(bad.setTransactionalId("no-such-id"));
                return request;
            });
            client.end(4, "is over", true);
        }
    }

    private void verify(int version, String what, TransactionalClient client, String topic, Integer... partitions) {
        client.add(
                version,
                "verifies " + what,
                request -> request.transactions().find(client.id()).setVerifyOnly(true),
                topic,
                partitions);
    }

    private void batched(
            int version,
            String what,
            TransactionalClient client,
            boolean verifyOnly,
            String id,
            long idsAhead,
            int epochsAhead) {
        script.change(ADD_PARTITIONS_TO_TXN, version, (verifyOnly ? "verifies, " : "adds, ") + what, peer -> {
            var original =
                    client.addition(peer, version, TOPIC, 0).transactions().find(client.id());
            var request = new AddPartitionsToTxnRequestData();
            request.transactions()
                    .add(original.duplicate()
                            .setTransactionalId(id)
                            .setVerifyOnly(verifyOnly)
                            .setProducerId(original.producerId() + idsAhead)
                            .setProducerEpoch((short) (original.producerEpoch() + epochsAhead)));
            return request;
        });
    }

    private void illegalProduces() {
        var client = client("writer");
        client.produce(IMPLICIT_PRODUCE, "writes without an id", 2, 0, "lost");
        client.produce(EXPLICIT_PRODUCE, "writes without an id, the old way", 2, 0, "lost");
        client.init();
        client.produce(EXPLICIT_PRODUCE, "writes to a partition that it did not add", 2, 0, "lost");
        client.produce(IMPLICIT_PRODUCE, "adds a partition by writing", 2, 0, "aborted");
        client.describe("with a partition added by writing");
        client.produce(EXPLICIT_PRODUCE, "writes to it the old way", 2, 1, "aborted");
        client.produce(IMPLICIT_PRODUCE, "writes out of order", 2, 7, "lost");
        client.produce(IMPLICIT_PRODUCE, "writes again", 2, 1, "aborted");
        client.end(5, "aborts", false);
        client.produce(EXPLICIT_PRODUCE, "writes after its transaction", 2, 2, "lost");
        TransactionalClient.read(script, "after illegal writes", 2);
    }

    private void offsets(short version) {
        var group = "transactional-v" + version;
        var client = client("offsets-v" + version);
        short add = (short) Math.min(version, ADD_OFFSETS_TO_TXN.latestVersion());
        short end = version >= 5 ? (short) 5 : (short) 4;
        client.init();
        if (version < 5) {
            client.commitOffset(version, "commits to a group that it did not add", group, 0, 3, request -> {});
        }
        client.addOffsets(add, "adds a group", group, request -> {});
        client.commitOffset(version, "commits an offset", group, 0, 3, request -> {});
        client.commitOffset(version, "commits an offset of an unknown partition", group, 9, 3, request -> {});
        pending("while " + client.id() + " is open", group);
        client.end(end, "commits offsets", true);
        pending("after " + client.id() + " committed", group);
        client.addOffsets(add, "adds a group", group, request -> {});
        client.commitOffset(version, "commits an offset that is aborted", group, 0, 33, request -> {});
        client.end(end, "aborts offsets", false);
        pending("after " + client.id() + " aborted", group);
        client.addOffsets(add, "adds an empty group id", "", request -> {});
        client.addOffsets(add, "an unknown id", group, request -> request.setTransactionalId("no-such-id"));
        client.addOffsets(add, "an empty id", group, request -> request.setTransactionalId(""));
        client.addOffsets(add, "another producer id", group, request -> request.setProducerId(77));
        client.addOffsets(add, "a stale epoch", group, request -> request.setProducerEpoch((short) -1));
        client.addOffsets(add, "an epoch to come", group, request -> request.setProducerEpoch((short) 99));
        client.end(end, "the end", false);
    }

    private void pending(String what, String group) {
        script.ask(OFFSET_FETCH, 9, group + ", " + what, peer -> OffsetSteps.fetchAll((short) 9, group));
        script.ask(OFFSET_FETCH, 9, group + ", stable, " + what, peer -> OffsetSteps.fetchAll((short) 9, group)
                .setRequireStable(true));
    }

    private void invalidOffsets() {
        var group = "transactional-members";
        var member = new ClassicClient(script, group, "a");
        member.joinAnew();
        member.sync("itself", 1, Map.of(member, "all"));
        var client = client("offsets-of-members");
        client.init();
        for (short v = 3; v <= TXN_OFFSET_COMMIT.latestVersion(false); v++) {
            short version = v;
            client.addOffsets(4, "adds a group before version " + version, group, request -> {});
            script.change(TXN_OFFSET_COMMIT, version, "of a member", peer -> offsets(peer, client, group)
                    .setMemberId(member.id(peer))
                    .setGenerationId(1));
            script.change(TXN_OFFSET_COMMIT, version, "of a stale generation", peer -> offsets(peer, client, group)
                    .setMemberId(member.id(peer))
                    .setGenerationId(0));
            script.change(TXN_OFFSET_COMMIT, version, "of an unknown member", peer -> offsets(peer, client, group)
                    .setMemberId("nobody")
                    .setGenerationId(1));
            script.change(TXN_OFFSET_COMMIT, version, "of an unknown instance", peer -> offsets(peer, client, group)
                    .setMemberId(member.id(peer))
                    .setGroupInstanceId("nobody")
                    .setGenerationId(1));
            script.change(TXN_OFFSET_COMMIT, version, "of nobody", peer -> offsets(peer, client, group));
            script.change(TXN_OFFSET_COMMIT, version, "into an empty group id", peer -> offsets(peer, client, ""));
            script.change(TXN_OFFSET_COMMIT, version, "of a generation of no group", peer -> offsets(
                            peer, client, "no-such-group")
                    .setGenerationId(1));
            script.change(TXN_OFFSET_COMMIT, version, "of an epoch before", peer -> offsets(peer, client, group)
                    .setProducerEpoch((short) -1));
        }
        client.end(4, "is over", true);
        script.ask(OFFSET_FETCH, 9, group, peer -> OffsetSteps.fetchAll((short) 9, group));
    }

    private static org.apache.kafka.common.message.TxnOffsetCommitRequestData offsets(
            Peer peer, TransactionalClient client, String group) {
        return new org.apache.kafka.common.message.TxnOffsetCommitRequestData()
                .setTransactionalId(client.id())
                .setProducerId(client.producerId(peer))
                .setProducerEpoch(client.epoch(peer))
                .setGroupId(group)
                .setTopics(List.of(
                        new org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic()
                                .setName(TOPIC)
                                .setPartitions(List.of(new org.apache.kafka.common.message.TxnOffsetCommitRequestData
                                                .TxnOffsetCommitRequestPartition()
                                        .setPartitionIndex(1)
                                        .setCommittedOffset(11)
                                        .setCommittedMetadata("m")))));
    }

    /** A second producer with the same id ends what the first had begun. */
    private void fenced() {
        var first = client("fenced");
        first.init();
        first.produce(IMPLICIT_PRODUCE, "writes before it is fenced", 2, 0, "fenced");
        script.change("the first producer's epoch is kept", peer -> {
            peer.keep("producer id of first", first.producerId(peer));
            peer.keep("producer epoch of first", first.epoch(peer));
            return com.fasterxml.jackson.databind.node.TextNode.valueOf("kept");
        });
        var second = first;
        script.change("InitProducerId: a second producer", peer -> {
            // The first's transaction is aborted first; until then the answer is CONCURRENT_TRANSACTIONS.
            org.awaitility.Awaitility.await().until(() -> {
                org.apache.kafka.common.message.InitProducerIdResponseData answer = peer.answer(
                        INIT_PRODUCER_ID,
                        INIT_PRODUCER_ID.latestVersion(false),
                        new org.apache.kafka.common.message.InitProducerIdRequestData()
                                .setTransactionalId("fenced")
                                .setTransactionTimeoutMs(60_000));
                peer.keep("producer id of fenced", answer.producerId());
                peer.keep("producer epoch of fenced", answer.producerEpoch());
                return answer.errorCode() == 0;
            });
            return com.fasterxml.jackson.databind.node.TextNode.valueOf("begun");
        });
        second.describe("after a second producer began");
        TransactionalClient.read(script, "after a second producer began", 2);
        Consumer<Peer> back = peer -> {
            peer.keep("producer id of fenced", peer.kept("producer id of first", 0));
            peer.keep("producer epoch of fenced", peer.kept("producer epoch of first", 0));
        };
        script.change("back to the first producer", peer -> {
            back.accept(peer);
            return com.fasterxml.jackson.databind.node.TextNode.valueOf("back");
        });
        first.produce(IMPLICIT_PRODUCE, "fenced, writes", 2, 1, "lost");
        first.produce(EXPLICIT_PRODUCE, "fenced, writes the old way", 2, 1, "lost");
        first.add(3, "fenced, adds", TOPIC, 0);
        first.addOffsets(4, "fenced, adds a group", "g", request -> {});
        first.commitOffset(5, "fenced, commits an offset", "g", 0, 1, request -> {});
        first.end(4, "fenced, commits", true, request -> {});
        first.end(5, "fenced, commits the new way", true, request -> {});
        first.end(5, "fenced, aborts", false, request -> {});
        own(first, (short) 5, "fenced, begins with its own id", 0, 0);
    }

    private void timedOut() {
        var client = client("timed-out");
        client.init(
                INIT_PRODUCER_ID.latestVersion(false),
                "for a short time",
                request -> request.setTransactionTimeoutMs(300));
        client.produce(IMPLICIT_PRODUCE, "writes and falls silent", 2, 0, "too late");
        client.settles();
        TransactionalClient.read(script, "after a transaction timed out", 2);
        client.produce(IMPLICIT_PRODUCE, "writes too late", 2, 1, "lost");
        client.end(5, "commits too late", true, request -> {});
        client.end(4, "commits too late, the old way", true, request -> {});
    }

    private void markers() {
        for (short v = WRITE_TXN_MARKERS.oldestVersion(); v <= WRITE_TXN_MARKERS.latestVersion(false); v++) {
            short version = v;
            marker(version, "of an unknown producer", marker(900_000 + version, 0, false, TOPIC, 1));
            marker(version, "of an unknown partition", marker(900_000 + version, 0, false, TOPIC, 9));
            marker(version, "in an unknown topic", marker(900_000 + version, 0, true, "no-such-topic", 0));
            marker(version, "of a newer epoch", marker(900_000 + version, 3, true, TOPIC, 1));
            marker(version, "of an older epoch", marker(900_000 + version, 2, true, TOPIC, 1));
            marker(
                    version,
                    "of an older coordinator",
                    marker(900_000 + version, 3, true, TOPIC, 1).setCoordinatorEpoch(-1));
            marker(
                    version,
                    "of a newer coordinator",
                    marker(900_000 + version, 3, true, TOPIC, 1).setCoordinatorEpoch(40));
            marker(version, "of a coordinator before", marker(900_000 + version, 3, true, TOPIC, 1));
            marker(version, "into offsets", marker(900_000 + version, 3, true, "__consumer_offsets", 0));
            marker(version, "without partitions", marker(900_000 + version, 3, true, TOPIC));
            script.change(WRITE_TXN_MARKERS, version, "none", peer -> new WriteTxnMarkersRequestData());
            script.change(WRITE_TXN_MARKERS, version, "several", peer -> new WriteTxnMarkersRequestData()
                    .setMarkers(
                            List.of(marker(910_000, 0, true, TOPIC, 0, 1), marker(910_001, 0, false, TOPIC, 1, 9))));
        }
        var client = client("hanging");
        client.init();
        client.produce(IMPLICIT_PRODUCE, "writes", 1, 0, "hangs");
        script.change(WRITE_TXN_MARKERS, 1, "that aborts an open transaction", peer -> new WriteTxnMarkersRequestData()
                .setMarkers(List.of(marker(client.producerId(peer), client.epoch(peer), false, TOPIC, 1))));
        TransactionalClient.read(script, "after a marker by hand", 1);
        client.end(5, "commits what was aborted by hand", true);
        TransactionalClient.read(script, "after all markers", 1);
    }

    private void marker(short version, String what, WritableTxnMarker marker) {
        script.change(
                WRITE_TXN_MARKERS, version, what, peer -> new WriteTxnMarkersRequestData().setMarkers(List.of(marker)));
    }

    private static WritableTxnMarker marker(
            long producerId, int epoch, boolean commit, String topic, Integer... partitions) {
        return new WritableTxnMarker()
                .setProducerId(producerId)
                .setProducerEpoch((short) epoch)
                .setTransactionResult(commit)
                .setCoordinatorEpoch(0)
                .setTopics(List.of(
                        new WritableTxnMarkerTopic().setName(topic).setPartitionIndexes(Arrays.asList(partitions))));
    }

    private void listed() {
        var open = client("listed-open");
        open.init();
        open.produce(IMPLICIT_PRODUCE, "writes", 0, 0, "open");
        script.askEachVersion(LIST_TRANSACTIONS, "all", (peer, v) -> new ListTransactionsRequestData());
        for (var state : List.of("Ongoing", "CompleteCommit", "Empty", "ongoing", "NoSuchState", "")) {
            script.askEachVersion(
                    LIST_TRANSACTIONS, "state '" + state + "'", (peer, v) -> new ListTransactionsRequestData()
                            .setStateFilters(List.of(state)));
        }
        script.askEachVersion(LIST_TRANSACTIONS, "of a producer", (peer, v) -> new ListTransactionsRequestData()
                .setProducerIdFilters(List.of(open.producerId(peer))));
        script.askEachVersion(
                LIST_TRANSACTIONS,
                "of an unknown producer in two states, one unknown",
                (peer, v) -> new ListTransactionsRequestData()
                        .setProducerIdFilters(List.of(77L))
                        .setStateFilters(List.of("Ongoing", "Strange")));
        for (int v = 1; v <= LIST_TRANSACTIONS.latestVersion(false); v++) {
            for (long duration : new long[] {0, 3_600_000, -5}) {
                script.ask(LIST_TRANSACTIONS, v, "open for " + duration, peer -> new ListTransactionsRequestData()
                        .setDurationFilter(duration));
            }
        }
        for (var pattern : List.of("listed-.*", "listed", "", "[a", "(?=x)listed.*")) {
            script.ask(LIST_TRANSACTIONS, 2, "pattern '" + pattern + "'", peer -> new ListTransactionsRequestData()
                    .setTransactionalIdPattern(pattern));
        }
        script.ask(DESCRIBE_TRANSACTIONS, 0, "many", peer -> new DescribeTransactionsRequestData()
                .setTransactionalIds(List.of("listed-open", "no-such-id", "", "listed-open", "fenced")));
        script.ask(DESCRIBE_TRANSACTIONS, 0, "none", peer -> new DescribeTransactionsRequestData());
        producers("at the end", 0, 1, 2, 9);
        open.end(5, "at last", true);
    }

    private void producers(String what, Integer... partitions) {
        script.ask(DESCRIBE_PRODUCERS, 0, what, peer -> new DescribeProducersRequestData()
                .setTopics(List.of(new TopicRequest().setName(TOPIC).setPartitionIndexes(Arrays.asList(partitions)))));
    }
}
