package io.odradek.cli;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "reassignments",
        description = "Shows the partitions that are on their way to other brokers.",
        footer = {"  odradek partition reassignments", "  odradek partition reassignments --output json"})
final class PartitionReassignmentsCommand extends AdminCommand {
    @Mixin
    private OutputOption output;

    @Override
    void run(Admin admin, Terminal terminal) {
        var reassignments = new TreeMap<TopicPartition, PartitionReassignment>(PartitionBatch.ORDER);
        reassignments.putAll(Failures.await(admin.listPartitionReassignments().reassignments()));
        output.print(
                terminal,
                () -> reassignments.entrySet().stream()
                        .map(PartitionReassignmentsCommand::json)
                        .toList(),
                () -> {
                    var table = new Table("PARTITION", "REPLICAS", "ADDING", "REMOVING");
                    reassignments.forEach((partition, r) -> table.row(
                            PartitionText.of(partition), r.replicas(), r.addingReplicas(), r.removingReplicas()));
                    table.print(terminal);
                });
    }

    private static Object json(Map.Entry<TopicPartition, PartitionReassignment> entry) {
        return Json.object(
                "topic",
                entry.getKey().topic(),
                "partition",
                entry.getKey().partition(),
                "replicas",
                entry.getValue().replicas(),
                "addingReplicas",
                entry.getValue().addingReplicas(),
                "removingReplicas",
                entry.getValue().removingReplicas());
    }
}
