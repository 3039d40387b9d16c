package io.odradek.cli;

import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "delete",
        description = "Deletes topics and all their records.",
        footer = {"  odradek topic delete orders", "  odradek topic delete orders payments --if-exists"})
final class TopicDeleteCommand extends AdminCommand {
    @Parameters(arity = "1..*", paramLabel = "TOPIC", description = "Names of the topics.")
    private List<String> topics;

    @Option(names = "--if-exists", description = "A topic that does not exist is no failure.")
    private boolean ifExists;

    @Override
    void run(Admin admin, Terminal terminal) {
        var answers = admin.deleteTopics(topics).topicNameValues();
        var batch = new TopicBatch();
        for (var topic : topics) {
            batch.attempt(topic, () -> {
                try {
                    Failures.await(answers.get(topic));
                    terminal.println("deleted " + topic);
                } catch (UnknownTopicOrPartitionException e) {
                    if (!ifExists) {
                        throw e;
                    }
                }
            });
        }
        batch.throwIfFailed();
    }
}
