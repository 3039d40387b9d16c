package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReassignmentPlanTest {
    @TempDir
    Path temp;

    private Path file(String json) throws IOException {
        return Files.writeString(temp.resolve("plan.json"), json);
    }

    @Test
    void aPlanIsReadAsKafkasToolWritesIt() throws IOException {
        var plan = new ReassignmentPlan().addFile(file("""
                {"partitions": [
                   {"topic": "a:b", "partition": 3, "replicas": [2, 1], "log_dirs": ["any", "any"]},
                   {"replicas": [4], "partition": 0, "topic": "c"}],
                 "version": 1}
                """));

        assertEquals(
                Map.of(new TopicPartition("a:b", 3), List.of(2, 1), new TopicPartition("c", 0), List.of(4)),
                plan.targets());
        assertEquals(Map.of(), plan.directories());
    }

    @Test
    void aReplicaGoesIntoTheDirectoryThatIsNamed() throws IOException {
        var plan = new ReassignmentPlan().addFile(file("""
                {"version": 1, "partitions": [
                   {"topic": "c", "partition": 0, "replicas": [4, 2], "log_dirs": ["any", "/disk2/kafka"]}]}
                """));

        assertEquals(Map.of(new TopicPartitionReplica("c", 0, 2), "/disk2/kafka"), plan.directories());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            orders:0      | 'orders:0' says no brokers: write TOPIC:NUMBER=BROKER,BROKER
            orders:0=     | '' in 'orders:0=' is no broker id
            orders:0=1,x  | 'x' in 'orders:0=1,x' is no broker id
            orders=1      | 'orders' is no partition: write TOPIC:NUMBER
            orders:x=1    | 'orders:x' is no partition: write TOPIC:NUMBER
            """)
    void whatCannotBeReadIsSaid(String text, String message) {
        var plan = new ReassignmentPlan();

        assertEquals(
                message,
                assertThrows(CommandFailure.class, () -> plan.add(text)).getMessage());
    }

    @Test
    void aPartitionGoesToOnePlace() {
        var plan = new ReassignmentPlan().add("orders:0=1");

        assertEquals(
                "partition orders:0 is there twice",
                assertThrows(CommandFailure.class, () -> plan.add("orders:0=2")).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            []                                                                          | the plan is not in the form of kafka-reassign-partitions at line 1
            {"partitions": 3}                                                           | the plan is not in the form of kafka-reassign-partitions at line 1
            {"partitions": [{"topic": "t", "replicas": [1]}]}                           | a partition of the plan lacks its topic, its number or its replicas
            {"partitions": [{"topic": "t", "partition": 0, "replicas": "1"}]}           | the plan is not in the form of kafka-reassign-partitions at line 1
            {"partitions": [{"topic": "t", "partition": 0, "replicas": [1, 2], "log_dirs": ["/a"]}]} | partition t:0 of the plan has 2 replicas and 1 log_dirs
            {"partitions": [{"topic": "t", "partition": 0, "replicas": [1], "log_dirs": "/a"}]} | the plan is not in the form of kafka-reassign-partitions at line 1
            """)
    void aFileThatIsNoPlanIsRefused(String json, String message) throws IOException {
        var file = file(json);

        assertEquals(
                message,
                assertThrows(CommandFailure.class, () -> new ReassignmentPlan().addFile(file))
                        .getMessage());
    }

    @Test
    void aFileThatIsNoJsonIsRefused() throws IOException {
        var file = file("{\"partitions\": [");

        assertThrows(CommandFailure.class, () -> new ReassignmentPlan().addFile(file));
        assertThrows(CommandFailure.class, () -> new ReassignmentPlan().addFile(temp.resolve("none.json")));
    }
}
