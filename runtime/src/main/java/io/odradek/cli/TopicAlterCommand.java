package io.odradek.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.config.ConfigResource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "alter",
        description = "Adds partitions to topics, sets and unsets their configs.",
        footer = {
            "  odradek topic alter orders --partitions 12",
            "  odradek topic alter orders -c retention.ms=60000 --delete-config segment.ms"
        })
final class TopicAlterCommand extends AdminCommand {
    @Parameters(arity = "1..*", paramLabel = "TOPIC", description = "Names of the topics.")
    private List<String> topics;

    @Option(
            names = {"-p", "--partitions"},
            paramLabel = "N",
            description = "The new number of partitions; it can only grow.")
    private Optional<Integer> partitions = Optional.empty();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "NAME=VALUE",
            description = "Sets a topic config. May be repeated.")
    private Map<String, String> configs = new LinkedHashMap<>();

    @Option(
            names = "--delete-config",
            paramLabel = "NAME",
            description = "Unsets a topic config, so that the broker's default applies. May be repeated.")
    private List<String> deletedConfigs = List.of();

    @Option(names = "--dry-run", description = "Only ask the broker whether it would.")
    private boolean dryRun;

    @Override
    void check() {
        if (partitions.isEmpty() && configs.isEmpty() && deletedConfigs.isEmpty()) {
            throw usage("nothing to alter: give --partitions, --config or --delete-config");
        }
    }

    @Override
    void run(Admin admin, Terminal terminal) {
        var change = new ConfigChange(configs, deletedConfigs);
        var batch = new TopicBatch();
        for (var topic : topics) {
            batch.attempt(topic, () -> {
                if (!change.isEmpty()) {
                    change.apply(admin, new ConfigResource(ConfigResource.Type.TOPIC, topic), dryRun);
                }
                partitions.ifPresent(count -> grow(admin, topic, count));
                terminal.println((dryRun ? "would alter " : "altered ") + topic);
            });
        }
        batch.throwIfFailed();
    }

    private void grow(Admin admin, String topic, int count) {
        var result = admin.createPartitions(
                Map.of(topic, NewPartitions.increaseTo(count)), new CreatePartitionsOptions().validateOnly(dryRun));
        Failures.await(result.values().get(topic));
    }
}
