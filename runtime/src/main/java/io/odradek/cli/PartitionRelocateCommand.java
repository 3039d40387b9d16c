package io.odradek.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "relocate",
        description = {
            "Moves partitions of a broker into another of its log directories. They go on being served.",
            "'odradek cluster log-dirs --partitions' shows where they are."
        },
        footer = {"  odradek partition relocate orders:0 orders:1 --broker 2 --log-dir /disk2/kafka"})
final class PartitionRelocateCommand extends AdminCommand {
    @Parameters(arity = "1..*", paramLabel = "TOPIC:PARTITION", description = "The partitions.")
    private List<String> names = List.of();

    @Option(names = "--broker", required = true, paramLabel = "ID", description = "The broker.")
    private int broker;

    @Option(
            names = "--log-dir",
            required = true,
            paramLabel = "DIRECTORY",
            description = "The directory, as the broker's log.dirs has it: an absolute path.")
    private Path directory;

    @Override
    void run(Admin admin, Terminal terminal) {
        var moves = new HashMap<TopicPartitionReplica, String>();
        for (var name : names) {
            var partition = PartitionText.parse(name);
            moves.put(
                    new TopicPartitionReplica(partition.topic(), partition.partition(), broker), directory.toString());
        }
        var answers = new HashMap<TopicPartition, KafkaFuture<Void>>();
        admin.alterReplicaLogDirs(moves)
                .values()
                .forEach((replica, answer) ->
                        answers.put(new TopicPartition(replica.topic(), replica.partition()), answer));
        new PartitionBatch(terminal, "moving").await(answers);
    }
}
