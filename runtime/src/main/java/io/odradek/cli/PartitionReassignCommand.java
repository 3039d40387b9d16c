package io.odradek.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterPartitionReassignmentsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "reassign",
        description =
                "Moves partitions to other brokers. They go on being served; they have moved once the new replicas are in sync.",
        footer = {
            "  odradek partition reassign orders:0=2,3 orders:1=3,1",
            "  odradek partition reassign --file plan.json --throttle 10000000"
        })
final class PartitionReassignCommand extends AdminCommand {
    @Parameters(
            arity = "0..*",
            paramLabel = "TOPIC:PARTITION=BROKER,...",
            description = "The brokers that shall hold a partition, the preferred leader first.")
    private List<String> targets = List.of();

    @Option(names = "--file", paramLabel = "FILE", description = "A plan as kafka-reassign-partitions reads it.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--keep-replication-factor",
            description = "Refuse a target that has more or fewer replicas than the partition.")
    private boolean keepReplicationFactor;

    @Option(
            names = "--throttle",
            paramLabel = "BYTES",
            description = {
                "How many bytes a second each broker may send and receive for it.",
                "Stays until 'odradek partition unthrottle'."
            })
    private Optional<Long> throttle = Optional.empty();

    @Override
    void check() {
        if (throttle.isPresent() && throttle.get() <= 0) {
            throw usage("--throttle must be above 0");
        }
        if (targets.isEmpty() && file.isEmpty()) {
            throw usage("nothing to reassign: name partitions and their brokers, or give --file");
        }
    }

    @Override
    void run(Admin admin, Terminal terminal) {
        var plan = new ReassignmentPlan();
        file.ifPresent(plan::addFile);
        targets.forEach(plan::add);
        throttle.ifPresent(bytes -> new ReplicationThrottle(admin).limit(plan.targets(), bytes));
        new ReplicaDirectories(admin, terminal).request(plan.directories());
        var reassignments = new HashMap<TopicPartition, Optional<NewPartitionReassignment>>();
        plan.targets()
                .forEach((partition, replicas) ->
                        reassignments.put(partition, Optional.of(new NewPartitionReassignment(replicas))));
        new PartitionBatch(terminal, "reassigning")
                .await(admin.alterPartitionReassignments(
                                reassignments,
                                new AlterPartitionReassignmentsOptions()
                                        .allowReplicationFactorChange(!keepReplicationFactor))
                        .values());
    }
}
