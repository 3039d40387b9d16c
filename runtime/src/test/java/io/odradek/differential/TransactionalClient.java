package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.ADD_OFFSETS_TO_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.ADD_PARTITIONS_TO_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_TRANSACTIONS;
import static org.apache.kafka.common.protocol.ApiKeys.END_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.INIT_PRODUCER_ID;
import static org.apache.kafka.common.protocol.ApiKeys.PRODUCE;
import static org.apache.kafka.common.protocol.ApiKeys.TXN_OFFSET_COMMIT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.awaitility.Awaitility;

/** A producer with a transactional id, whose producer id and epoch are whatever the broker gave it. */
record TransactionalClient(Script script, String id) {
    private static final int TIMEOUT_MS = 60_000;
    private static final short FIRST_BATCHED = 4;

    long producerId(Peer peer) {
        return peer.kept("producer id of " + id, 1_000_000);
    }

    short epoch(Peer peer) {
        return (short) peer.kept("producer epoch of " + id, 0);
    }

    private void keep(Peer peer, long producerId, short epoch) {
        peer.keep("producer id of " + id, producerId);
        peer.keep("producer epoch of " + id, epoch);
        peer.remember("<producer id of " + id + ">", Long.toString(producerId));
    }

    void init(int version, String what, Consumer<InitProducerIdRequestData> changes) {
        script.change("InitProducerId v" + version + ": " + id + ", " + what, peer -> {
            var request = new InitProducerIdRequestData().setTransactionalId(id).setTransactionTimeoutMs(TIMEOUT_MS);
            changes.accept(request);
            InitProducerIdResponseData answer = peer.answer(INIT_PRODUCER_ID, version, request);
            if (answer != null && answer.errorCode() == 0) {
                keep(peer, answer.producerId(), answer.producerEpoch());
            }
            return json(peer, answer, version);
        });
    }

    void init() {
        init(INIT_PRODUCER_ID.latestVersion(false), "begins", request -> {});
    }

    private static JsonNode json(Peer peer, org.apache.kafka.common.protocol.ApiMessage answer, int version) {
        return answer == null ? TextNode.valueOf("<disconnected>") : peer.normal(Wire.json(answer, (short) version));
    }

    AddPartitionsToTxnRequestData addition(Peer peer, int version, String topic, Integer... partitions) {
        var target = new AddPartitionsToTxnTopic().setName(topic).setPartitions(Arrays.asList(partitions));
        var request = new AddPartitionsToTxnRequestData();
        if (version < FIRST_BATCHED) {
            request.setV3AndBelowTransactionalId(id)
                    .setV3AndBelowProducerId(producerId(peer))
                    .setV3AndBelowProducerEpoch(epoch(peer));
            request.v3AndBelowTopics().add(target);
        } else {
            var transaction = new AddPartitionsToTxnTransaction()
                    .setTransactionalId(id)
                    .setProducerId(producerId(peer))
                    .setProducerEpoch(epoch(peer));
            transaction.topics().add(target);
            request.transactions().add(transaction);
        }
        return request;
    }

    void add(int version, String what, String topic, Integer... partitions) {
        add(version, what, request -> {}, topic, partitions);
    }

    void add(
            int version,
            String what,
            Consumer<AddPartitionsToTxnRequestData> changes,
            String topic,
            Integer... partitions) {
        script.change(ADD_PARTITIONS_TO_TXN, version, id + ", " + what, peer -> {
            var request = addition(peer, version, topic, partitions);
            changes.accept(request);
            return request;
        });
    }

    void addOffsets(int version, String what, String group, Consumer<AddOffsetsToTxnRequestData> changes) {
        script.change(ADD_OFFSETS_TO_TXN, version, id + ", " + what, peer -> {
            var request = new AddOffsetsToTxnRequestData()
                    .setTransactionalId(id)
                    .setProducerId(producerId(peer))
                    .setProducerEpoch(epoch(peer))
                    .setGroupId(group);
            changes.accept(request);
            return request;
        });
    }

    void commitOffset(
            int version,
            String what,
            String group,
            int partition,
            long offset,
            Consumer<TxnOffsetCommitRequestData> changes) {
        script.change(TXN_OFFSET_COMMIT, version, id + ", " + what, peer -> {
            var request = new TxnOffsetCommitRequestData()
                    .setTransactionalId(id)
                    .setProducerId(producerId(peer))
                    .setProducerEpoch(epoch(peer))
                    .setGroupId(group)
                    .setTopics(List.of(new TxnOffsetCommitRequestTopic()
                            .setName(TransactionSteps.TOPIC)
                            .setPartitions(List.of(new TxnOffsetCommitRequestPartition()
                                    .setPartitionIndex(partition)
                                    .setCommittedOffset(offset)
                                    .setCommittedMetadata("")))));
            changes.accept(request);
            return request;
        });
    }

    void produce(int version, String what, int partition, int sequence, String... values) {
        script.change(PRODUCE, version, id + ", " + what, peer -> {
            var records = Batches.transactional(producerId(peer), epoch(peer), sequence, values);
            var topic = new TopicProduceData()
                    .setName(TransactionSteps.TOPIC)
                    .setPartitionData(List.of(
                            new PartitionProduceData().setIndex(partition).setRecords(records)));
            var request = new ProduceRequestData()
                    .setTransactionalId(id)
                    .setAcks((short) -1)
                    .setTimeoutMs(5000);
            request.topicData().add(topic);
            return request;
        });
    }

    /** Ends the transaction, keeps the epoch that the answer may bring, and waits until all is done. */
    void end(int version, String what, boolean commit) {
        end(version, what, commit, request -> {});
        settles();
    }

    void end(int version, String what, boolean commit, Consumer<EndTxnRequestData> changes) {
        script.change("EndTxn v" + version + ": " + id + ", " + what, peer -> {
            var request = new EndTxnRequestData()
                    .setTransactionalId(id)
                    .setProducerId(producerId(peer))
                    .setProducerEpoch(epoch(peer))
                    .setCommitted(commit);
            changes.accept(request);
            EndTxnResponseData answer = peer.answer(END_TXN, version, request);
            if (version >= 5 && answer != null && answer.errorCode() == 0 && answer.producerId() >= 0) {
                keep(peer, answer.producerId(), answer.producerEpoch());
            }
            return json(peer, answer, version);
        });
    }

    /** Waits until the transaction is over, its markers written. */
    void settles() {
        script.ask(id + " settles", peer -> {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        DescribeTransactionsResponseData answer = peer.answer(
                                DESCRIBE_TRANSACTIONS,
                                0,
                                new DescribeTransactionsRequestData().setTransactionalIds(List.of(id)));
                        var state = answer.transactionStates().get(0).transactionState();
                        return !state.startsWith("Prepare") && !state.equals("Ongoing");
                    });
            return TextNode.valueOf("settled");
        });
        describe("settled");
    }

    void describe(String what) {
        script.ask(DESCRIBE_TRANSACTIONS, 0, id + ", " + what, peer -> new DescribeTransactionsRequestData()
                .setTransactionalIds(List.of(id)));
    }

    /** What a reader of one partition sees with each isolation. */
    static void read(Script script, String what, int partition) {
        for (byte isolation : new byte[] {0, 1}) {
            script.ask("Fetch: partition " + partition + " with isolation " + isolation + ", " + what, peer -> {
                FetchResponseData answer = peer.answer(
                        FETCH,
                        12,
                        new FetchRequestData()
                                .setMaxWaitMs(0)
                                .setMaxBytes(1 << 20)
                                .setIsolationLevel(isolation)
                                .setTopics(List.of(new FetchTopic()
                                        .setTopic(TransactionSteps.TOPIC)
                                        .setPartitions(List.of(new FetchPartition()
                                                .setPartition(partition)
                                                .setPartitionMaxBytes(1 << 20))))));
                var partitionData = answer.responses().get(0).partitions().get(0);
                int aborted = partitionData.abortedTransactions() == null
                        ? -1
                        : partitionData.abortedTransactions().size();
                return TextNode.valueOf("high watermark " + partitionData.highWatermark() + ", last stable offset "
                        + partitionData.lastStableOffset() + ", aborted " + aborted + ", "
                        + Batches.describe(answer));
            });
        }
    }
}
