package io.odradek.cli;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "cancel",
        description = "Stops reassignments: the partitions stay where they were.",
        footer = {"  odradek partition cancel orders:0", "  odradek partition cancel --all"})
final class PartitionCancelCommand extends AdminCommand {
    @Parameters(arity = "0..*", paramLabel = "TOPIC:PARTITION", description = "The partitions.")
    private List<String> names = List.of();

    @Option(names = "--all", description = "All reassignments that are in progress.")
    private boolean all;

    @Override
    void check() {
        if (names.isEmpty() != all) {
            throw usage("name partitions, or give --all");
        }
    }

    @Override
    void run(Admin admin, Terminal terminal) {
        Collection<TopicPartition> partitions = all
                ? Failures.await(admin.listPartitionReassignments().reassignments())
                        .keySet()
                : names.stream().map(PartitionText::parse).toList();
        var cancellations = new HashMap<TopicPartition, Optional<NewPartitionReassignment>>();
        partitions.forEach(partition -> cancellations.put(partition, Optional.empty()));
        new PartitionBatch(terminal, "cancelled")
                .await(admin.alterPartitionReassignments(cancellations).values());
    }
}
