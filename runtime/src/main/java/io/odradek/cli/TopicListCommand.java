package io.odradek.cli;

import java.util.Comparator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicListing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        description = "Lists the names of the topics, one a line.",
        footer = {"  odradek topic list", "  odradek topic list --internal --output json"})
final class TopicListCommand extends AdminCommand {
    @Option(names = "--internal", description = "Also the topics that Kafka keeps for itself.")
    private boolean internal;

    @Mixin
    private OutputOption output;

    @Override
    void run(Admin admin, Terminal terminal) {
        var topics =
                Failures.await(admin.listTopics(new ListTopicsOptions().listInternal(internal))
                                .listings())
                        .stream()
                        .sorted(Comparator.comparing(TopicListing::name))
                        .toList();
        output.print(
                terminal,
                () -> topics.stream()
                        .map(t -> Json.object("name", t.name(), "topicId", t.topicId(), "internal", t.isInternal()))
                        .toList(),
                () -> topics.forEach(t -> terminal.println(t.name())));
    }
}
