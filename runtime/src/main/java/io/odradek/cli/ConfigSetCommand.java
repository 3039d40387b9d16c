package io.odradek.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.ApiException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "set",
        description = "Sets configs; those that are not named stay as they are.",
        footer = {
            "  odradek config set --topic orders retention.ms=60000 cleanup.policy=delete",
            "  odradek config set --cluster log.retention.ms=86400000"
        })
final class ConfigSetCommand extends AdminCommand {
    @ArgGroup(multiplicity = "1")
    private ConfigTarget target;

    @Parameters(arity = "1..*", paramLabel = "NAME=VALUE", description = "Configs and their values.")
    private Map<String, String> configs = new LinkedHashMap<>();

    @Option(names = "--dry-run", description = "Only ask the broker whether it would.")
    private boolean dryRun;

    @Override
    void run(Admin admin, Terminal terminal) {
        try {
            new ConfigChange(configs, List.of()).apply(admin, target.resource(), dryRun);
        } catch (ApiException e) {
            throw target.failure(e);
        }
        terminal.println((dryRun ? "would set " : "set ") + String.join(", ", configs.keySet()) + " of " + target);
    }
}
