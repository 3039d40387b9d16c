package io.odradek.cli;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "elect",
        description = "Elects the preferred leaders of partitions, or with --unclean any leader where there is none.",
        footer = {"  odradek partition elect", "  odradek partition elect --unclean orders:0"})
final class PartitionElectCommand extends AdminCommand {
    @Parameters(
            arity = "0..*",
            paramLabel = "TOPIC:PARTITION",
            description = "The partitions; for preferred leaders, all partitions if there are none.")
    private List<String> names = List.of();

    @Option(
            names = "--unclean",
            description =
                    "Elect a leader that may lack records, where no other replica is in service. Records may be lost.")
    private boolean unclean;

    @Override
    void check() {
        if (unclean && names.isEmpty()) {
            throw usage("--unclean may lose records: name the partitions");
        }
    }

    @Override
    void run(Admin admin, Terminal terminal) {
        var partitions = names.isEmpty()
                ? null
                : names.stream().map(PartitionText::parse).collect(Collectors.toSet());
        var results =
                Failures.await(admin.electLeaders(unclean ? ElectionType.UNCLEAN : ElectionType.PREFERRED, partitions)
                        .partitions());
        var batch = new PartitionBatch(terminal, "elected a leader of");
        results.keySet().stream().sorted(PartitionBatch.ORDER).forEach(partition -> {
            var failure = results.get(partition);
            if (failure.isEmpty()) {
                batch.succeeded(partition);
            } else if (!(failure.get() instanceof ElectionNotNeededException)) {
                batch.failed(partition, failure.get());
            }
        });
        batch.throwIfFailed();
    }
}
