package io.odradek.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.TopicExistsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "create",
        description = "Creates topics.",
        footer = {
            "  odradek topic create orders",
            "  odradek topic create orders payments --partitions 6 --replication-factor 3",
            "  odradek topic create prices -c cleanup.policy=compact -c min.insync.replicas=2",
            "  odradek topic create pinned --replica-assignment 1:2,2:3"
        })
final class TopicCreateCommand extends AdminCommand {
    @Parameters(arity = "1..*", paramLabel = "TOPIC", description = "Names of the topics.")
    private List<String> topics;

    @Option(
            names = {"-p", "--partitions"},
            paramLabel = "N",
            description = "Number of partitions. Default: the broker's num.partitions.")
    private Optional<Integer> partitions = Optional.empty();

    @Option(
            names = {"-r", "--replication-factor"},
            paramLabel = "N",
            description = "Copies of each partition. Default: the broker's default.replication.factor.")
    private Optional<Short> replicationFactor = Optional.empty();

    @Option(
            names = "--replica-assignment",
            paramLabel = "BROKERS",
            description =
                    "Which brokers hold each partition, the first of them preferred as leader: 1:2,2:3 is partition"
                            + " 0 on brokers 1 and 2, partition 1 on 2 and 3. In place of numbers.")
    private Optional<String> replicaAssignment = Optional.empty();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "NAME=VALUE",
            description = "A topic config. May be repeated.")
    private Map<String, String> configs = new LinkedHashMap<>();

    @Option(names = "--if-not-exists", description = "A topic that exists already is no failure.")
    private boolean ifNotExists;

    @Option(names = "--dry-run", description = "Only ask the broker whether it would.")
    private boolean dryRun;

    @Mixin
    private OutputOption output;

    @Override
    void run(Admin admin, Terminal terminal) {
        var assignment = replicaAssignment.map(ReplicaAssignment::parse);
        var result = admin.createTopics(
                topics.stream().map(name -> topic(name, assignment)).toList(),
                new CreateTopicsOptions().validateOnly(dryRun));
        var created = new ArrayList<Object>();
        var batch = new TopicBatch();
        for (var topic : topics) {
            batch.attempt(topic, () -> {
                if (await(result, topic)) {
                    created.add(describe(result, topic, terminal));
                } else if (!output.json()) {
                    terminal.println(topic + " exists already");
                }
            });
        }
        output.print(terminal, () -> created, () -> {});
        batch.throwIfFailed();
    }

    private NewTopic topic(String name, Optional<Map<Integer, List<Integer>>> assignment) {
        return assignment
                .map(brokers -> new NewTopic(name, brokers))
                .orElseGet(() -> new NewTopic(name, partitions, replicationFactor))
                .configs(configs);
    }

    private boolean await(CreateTopicsResult result, String topic) {
        try {
            Failures.await(result.values().get(topic));
            return true;
        } catch (TopicExistsException e) {
            if (ifNotExists) {
                return false;
            }
            throw e;
        }
    }

    private Object describe(CreateTopicsResult result, String topic, Terminal terminal) {
        int partitionCount;
        int copies;
        try {
            partitionCount = Failures.await(result.numPartitions(topic));
            copies = Failures.await(result.replicationFactor(topic));
        } catch (ApiException e) {
            // Whoever may create a topic need not be allowed to read its configs.
            partitionCount = partitions.orElse(-1);
            copies = replicationFactor.orElse((short) -1);
        }
        if (!output.json()) {
            terminal.println((dryRun ? "would create " : "created ")
                    + topic
                    + (partitionCount < 0 ? "" : ", partitions " + partitionCount)
                    + (copies < 0 ? "" : ", replication factor " + copies));
        }
        return Json.object("name", topic, "partitions", partitionCount, "replicationFactor", copies);
    }
}
