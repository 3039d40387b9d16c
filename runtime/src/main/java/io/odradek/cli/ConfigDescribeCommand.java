package io.odradek.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "describe",
        description = "Shows the configs that differ from the defaults, or all.",
        footer = {
            "  odradek config describe --topic orders",
            "  odradek config describe --broker 1 --all",
            "  odradek config describe --cluster --output json"
        })
final class ConfigDescribeCommand extends AdminCommand {
    @ArgGroup(multiplicity = "1")
    private ConfigTarget target;

    @Option(names = "--all", description = "Also those that have their default.")
    private boolean all;

    @Mixin
    private OutputOption output;

    @Override
    void run(Admin admin, Terminal terminal) {
        var entries = entries(admin);
        output.print(
                terminal,
                () -> entries.stream()
                        .map(e -> Json.object(
                                "name",
                                e.name(),
                                "value",
                                e.value(),
                                "source",
                                source(e),
                                "readOnly",
                                e.isReadOnly(),
                                "sensitive",
                                e.isSensitive()))
                        .toList(),
                () -> {
                    var table = new Table("NAME", "VALUE", "SOURCE");
                    entries.forEach(e -> table.row(e.name(), e.isSensitive() ? "(hidden)" : e.value(), source(e)));
                    table.print(terminal);
                });
    }

    private List<ConfigEntry> entries(Admin admin) {
        var resource = target.resource();
        try {
            return Failures.await(
                            admin.describeConfigs(List.of(resource)).values().get(resource))
                    .entries()
                    .stream()
                    .filter(e -> all || !e.isDefault() && isOwn(e))
                    .sorted(Comparator.comparing(ConfigEntry::name))
                    .toList();
        } catch (UnknownTopicOrPartitionException e) {
            throw target.failure(e);
        }
    }

    /** For a topic, what the broker's settings say is a default too. */
    private boolean isOwn(ConfigEntry entry) {
        return target.resource().type() != org.apache.kafka.common.config.ConfigResource.Type.TOPIC
                || entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG;
    }

    private static String source(ConfigEntry entry) {
        return entry.source().name().toLowerCase(Locale.ROOT).replace('_', ' ').replace(" config", "");
    }
}
