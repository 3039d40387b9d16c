package io.odradek.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.log.AppendOrigin;
import io.odradek.spi.Authorizer;
import io.odradek.spi.QuotaEnforcer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDir;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AlterReplicaLogDirsTest {
    @TempDir
    Path root;

    private DataPath broker;

    @BeforeEach
    void start() {
        broker = start(Authorizer.allowAll());
    }

    private DataPath start(Authorizer authorizer) {
        return DataPath.create(List.of(root.resolve("a"), root.resolve("b")), authorizer, QuotaEnforcer.unlimited());
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    static IntStream versions() {
        return IntStream.rangeClosed(
                ApiKeys.ALTER_REPLICA_LOG_DIRS.oldestVersion(), ApiKeys.ALTER_REPLICA_LOG_DIRS.latestVersion());
    }

    private String path(String name) {
        return root.resolve(name).toAbsolutePath().toString();
    }

    private Errors alter(int version, String path, String topic, int partition) {
        var request = new AlterReplicaLogDirsRequestData();
        request.dirs().add(new AlterReplicaLogDir().setPath(path));
        request.dirs()
                .find(path)
                .topics()
                .add(new AlterReplicaLogDirTopic().setName(topic).setPartitions(List.of(partition)));
        var response = (AlterReplicaLogDirsResponseData)
                broker.call(ApiKeys.ALTER_REPLICA_LOG_DIRS, version, request).data();
        assertEquals(topic, response.results().get(0).topicName());
        return Errors.forCode(response.results().get(0).partitions().get(0).errorCode());
    }

    /** The directory of a topic's first partition. */
    private String directoryOf(String topic) {
        var response = (DescribeLogDirsResponseData)
                broker.call(ApiKeys.DESCRIBE_LOG_DIRS, 5, new DescribeLogDirsRequestData().setTopics(null))
                        .data();
        for (var result : response.results()) {
            for (var found : result.topics()) {
                if (found.name().equals(topic) && !found.partitions().get(0).isFutureKey()) {
                    return result.logDir();
                }
            }
        }
        return "";
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aReplicaMoves(int version) {
        broker.createTopic("t");
        broker.leader("t", 0).append(Batches.of("a"), AppendOrigin.CLIENT, (short) 1);
        var other = directoryOf("t").equals(path("a")) ? path("b") : path("a");

        assertEquals(Errors.NONE, alter(version, other, "t", 0));

        await().until(() -> directoryOf("t").equals(other));
        assertEquals(Errors.NONE, alter(version, other, "t", 0), "it is there");
        broker.leader("t", 0).append(Batches.of("b"), AppendOrigin.CLIENT, (short) 1);
        assertEquals(2, broker.leader("t", 0).log().logEndOffset());
    }

    @Test
    void whatIsNotThereIsMadeThereLater() {
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, alter(2, path("b"), "t", 0));
        broker.createTopic("other", 1, Map.of());
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, alter(2, path("b"), "other", 7));

        broker.createTopic("t");

        assertEquals(path("b"), directoryOf("t"));
    }

    @Test
    void directoriesThatTheBrokerDoesNotHaveAreRefused() {
        broker.createTopic("t");

        assertEquals(Errors.LOG_DIR_NOT_FOUND, alter(2, path("c"), "t", 0));
        assertEquals(Errors.LOG_DIR_NOT_FOUND, alter(2, "a", "t", 0));
        assertEquals(Errors.LOG_DIR_NOT_FOUND, alter(2, "\0", "t", 0));
        assertEquals(Errors.LOG_DIR_NOT_FOUND, alter(2, path("c"), "unknown", 0));
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION, alter(2, path("a"), "t".repeat(249), 0));
    }

    @Test
    void itIsForThoseWhoMayAlterTheCluster() {
        broker.close();
        broker = start(new OnlyTopics("t"));

        assertEquals(Errors.CLUSTER_AUTHORIZATION_FAILED, alter(2, path("a"), "t", 0));
    }
}
