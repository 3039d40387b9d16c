package io.odradek.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "drain",
        description = {
            "Moves all partitions of a broker to others, evenly and to other racks where there are.",
            "They have moved once 'odradek partition reassignments' shows none of them any more."
        },
        footer = {"  odradek cluster drain 3 --dry-run", "  odradek cluster drain 3"})
final class ClusterDrainCommand extends AdminCommand {
    @Parameters(paramLabel = "BROKER", description = "The broker's id.")
    private int broker;

    @Option(names = "--dry-run", description = "Only show where the partitions would go.")
    private boolean dryRun;

    @Override
    void run(Admin admin, Terminal terminal) {
        var brokers = Failures.await(admin.describeCluster().nodes());
        var plan = new DrainPlan(broker, brokers, replicas(admin));
        if (plan.targets().isEmpty() && plan.stuck().isEmpty()) {
            terminal.println("broker " + broker + " holds no partitions");
        } else if (dryRun) {
            plan.targets()
                    .forEach((partition, replicas) ->
                            terminal.println("would move " + PartitionText.of(partition) + " to " + replicas));
        } else {
            var reassignments = new HashMap<TopicPartition, Optional<NewPartitionReassignment>>();
            plan.targets()
                    .forEach((partition, replicas) ->
                            reassignments.put(partition, Optional.of(new NewPartitionReassignment(replicas))));
            new PartitionBatch(terminal, "reassigning")
                    .await(admin.alterPartitionReassignments(reassignments).values());
        }
        if (!plan.stuck().isEmpty()) {
            throw new CommandFailure(
                    plan.stuck().size() + " partitions have nowhere to go, every other broker in service"
                            + " has them already: "
                            + String.join(
                                    ", ",
                                    plan.stuck().stream()
                                            .limit(5)
                                            .map(PartitionText::of)
                                            .toList())
                            + (plan.stuck().size() > 5 ? ", ..." : ""));
        }
    }

    /** Of every partition, as they will be once what is in progress is done. */
    private static Map<TopicPartition, List<Integer>> replicas(Admin admin) {
        var names = Failures.await(
                admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        var moving = Failures.await(admin.listPartitionReassignments().reassignments());
        var replicas = new HashMap<TopicPartition, List<Integer>>();
        Failures.await(admin.describeTopics(names).allTopicNames()).values().forEach(topic -> topic.partitions()
                .forEach(p -> {
                    var partition = new TopicPartition(topic.name(), p.partition());
                    var leaving = moving.containsKey(partition)
                            ? moving.get(partition).removingReplicas()
                            : List.<Integer>of();
                    replicas.put(
                            partition,
                            p.replicas().stream()
                                    .map(Node::id)
                                    .filter(id -> !leaving.contains(id))
                                    .toList());
                }));
        return replicas;
    }
}
