package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.odradek.log.AppendOrigin;
import io.odradek.spi.Authorizer;
import io.odradek.spi.QuotaEnforcer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** InitProducerId, DescribeProducers and DescribeLogDirs. */
class ProducerApisTest {
    @TempDir
    Path directory;

    private DataPath broker;

    @BeforeEach
    void start() {
        broker = DataPath.create(directory);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    static IntStream initProducerIdVersions() {
        return IntStream.rangeClosed(
                ApiKeys.INIT_PRODUCER_ID.oldestVersion(), ApiKeys.INIT_PRODUCER_ID.latestVersion());
    }

    static IntStream describeLogDirsVersions() {
        return IntStream.rangeClosed(
                ApiKeys.DESCRIBE_LOG_DIRS.oldestVersion(), ApiKeys.DESCRIBE_LOG_DIRS.latestVersion());
    }

    @ParameterizedTest
    @MethodSource("initProducerIdVersions")
    void eachIdempotentProducerGetsItsOwnId(int version) {
        var first = init(version, idempotent());
        var second = init(version, idempotent());

        assertEquals(Errors.NONE.code(), first.errorCode());
        assertEquals(0, first.producerEpoch());
        assertNotEquals(first.producerId(), second.producerId());
    }

    @ParameterizedTest
    @CsvSource({"5, -1, INVALID_REQUEST", "-1, 3, INVALID_REQUEST", "5, 3, NONE"})
    void aProducerNamesItselfWhollyOrNotAtAll(long id, short epoch, Errors expected) {
        assertEquals(
                expected.code(),
                init(5, idempotent().setProducerId(id).setProducerEpoch(epoch)).errorCode());
    }

    @Test
    void anotherBrokerCoordinatesTransactions() {
        assertEquals(
                Errors.NOT_COORDINATOR.code(),
                init(5, idempotent().setTransactionalId("t")).errorCode());
        assertEquals(
                Errors.INVALID_REQUEST.code(),
                init(5, idempotent().setTransactionalId("")).errorCode());
    }

    @Test
    void whoMayWriteToAnyTopicMayBeIdempotent() {
        restart(new OnlyTopics("mine"));
        assertEquals(Errors.NONE.code(), init(5, idempotent()).errorCode());
        assertEquals(
                Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code(),
                init(5, idempotent().setTransactionalId("t")).errorCode());

        restart(new OnlyTopics());
        assertEquals(
                Errors.CLUSTER_AUTHORIZATION_FAILED.code(),
                init(5, idempotent()).errorCode());
    }

    @Test
    void describesTheProducersOfAPartition() {
        broker.createTopic("t");
        var leader = broker.leader("t", 0);
        leader.append(Batches.idempotent(7, 3, 0, "a", "b"), AppendOrigin.CLIENT, (short) 1);
        leader.append(Batches.transactional(8, 0, 0, "c"), AppendOrigin.CLIENT, (short) 1);

        var answer = describe("t", 0);

        assertEquals(Errors.NONE.code(), answer.errorCode());
        var producers = answer.activeProducers().stream()
                .sorted((a, b) -> Long.compare(a.producerId(), b.producerId()))
                .toList();
        assertEquals(2, producers.size());
        assertEquals(3, producers.get(0).producerEpoch());
        assertEquals(1, producers.get(0).lastSequence());
        assertEquals(Batches.TIMESTAMP + 1, producers.get(0).lastTimestamp());
        assertEquals(-1, producers.get(0).currentTxnStartOffset());
        assertEquals(2, producers.get(1).currentTxnStartOffset());
    }

    @Test
    void producersOfWhatDoesNotExistAreRefused() {
        broker.createTopic("t");

        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), describe("none", 0).errorCode());
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), describe("t", 1).errorCode());
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION.code(), describe("a b", 0).errorCode());
        restart(new OnlyTopics("mine"));
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED.code(), describe("t", 0).errorCode());
    }

    @ParameterizedTest
    @MethodSource("describeLogDirsVersions")
    void describesLogDirectories(int version) {
        broker.createTopic("t", 2, Map.of());
        broker.createTopic("u");
        broker.leader("t", 1).append(Batches.of("a"), AppendOrigin.CLIENT, (short) 1);

        var all = logDirs(version, new DescribeLogDirsRequestData().setTopics(null));

        assertEquals(1, all.results().size());
        var result = all.results().get(0);
        assertEquals(directory.toAbsolutePath().toString(), result.logDir());
        assertEquals(version >= 4, result.totalBytes() > 0);
        assertEquals(
                List.of("t", "u"), result.topics().stream().map(t -> t.name()).toList());
        assertEquals(2, result.topics().get(0).partitions().size());

        var request = new DescribeLogDirsRequestData();
        request.topics().add(new DescribableLogDirTopic().setTopic("t").setPartitions(List.of(1)));
        var one = logDirs(version, request).results().get(0).topics();
        assertEquals(
                List.of(new DescribeLogDirsPartition()
                        .setPartitionIndex(1)
                        .setPartitionSize(Batches.of("a").sizeInBytes())),
                one.get(0).partitions());
    }

    @Test
    void logDirectoriesAreForThoseWhoMayDescribeTheCluster() {
        restart(new OnlyTopics("t"));

        var response = logDirs(5, new DescribeLogDirsRequestData().setTopics(null));

        assertEquals(Errors.CLUSTER_AUTHORIZATION_FAILED.code(), response.errorCode());
        assertEquals(List.of(), response.results());
    }

    private static InitProducerIdRequestData idempotent() {
        return new InitProducerIdRequestData().setTransactionalId(null);
    }

    private void restart(Authorizer authorizer) {
        broker.close();
        broker = DataPath.create(List.of(directory), authorizer, QuotaEnforcer.unlimited());
    }

    private InitProducerIdResponseData init(int version, InitProducerIdRequestData request) {
        request.setTransactionTimeoutMs(60_000);
        return (InitProducerIdResponseData)
                broker.call(ApiKeys.INIT_PRODUCER_ID, version, request).data();
    }

    private PartitionResponse describe(String topic, int partition) {
        var request = new DescribeProducersRequestData()
                .setTopics(List.of(new TopicRequest().setName(topic).setPartitionIndexes(List.of(partition))));
        var response = (DescribeProducersResponseData)
                broker.call(ApiKeys.DESCRIBE_PRODUCERS, 0, request).data();
        return response.topics().get(0).partitions().get(0);
    }

    private DescribeLogDirsResponseData logDirs(int version, DescribeLogDirsRequestData request) {
        return (DescribeLogDirsResponseData)
                broker.call(ApiKeys.DESCRIBE_LOG_DIRS, version, request).data();
    }
}
