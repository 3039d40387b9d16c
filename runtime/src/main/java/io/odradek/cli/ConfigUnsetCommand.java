package io.odradek.cli;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.ApiException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "unset",
        description = "Unsets configs, so that their defaults apply again.",
        footer = {
            "  odradek config unset --topic orders retention.ms",
            "  odradek config unset --broker 1 log.retention.ms"
        })
final class ConfigUnsetCommand extends AdminCommand {
    @ArgGroup(multiplicity = "1")
    private ConfigTarget target;

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Names of configs.")
    private List<String> names;

    @Option(names = "--dry-run", description = "Only ask the broker whether it would.")
    private boolean dryRun;

    @Override
    void run(Admin admin, Terminal terminal) {
        try {
            new ConfigChange(Map.of(), names).apply(admin, target.resource(), dryRun);
        } catch (ApiException e) {
            throw target.failure(e);
        }
        terminal.println((dryRun ? "would unset " : "unset ") + String.join(", ", names) + " of " + target);
    }
}
