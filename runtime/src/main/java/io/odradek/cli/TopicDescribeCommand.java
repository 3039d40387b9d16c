package io.odradek.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "describe",
        description = "Shows the partitions of topics, and the configs that were set for them.",
        footer = {"  odradek topic describe orders", "  odradek topic describe --output json"})
final class TopicDescribeCommand extends AdminCommand {
    @Parameters(
            arity = "0..*",
            paramLabel = "TOPIC",
            description = "Names of the topics; all topics if there are none.")
    private List<String> names = List.of();

    @Mixin
    private OutputOption output;

    @Override
    void run(Admin admin, Terminal terminal) {
        var wanted = names.isEmpty()
                ? Failures.await(admin.listTopics().names()).stream().sorted().toList()
                : names;
        var answers = admin.describeTopics(wanted).topicNameValues();
        var topics = new ArrayList<TopicDescription>();
        var batch = new TopicBatch();
        for (var name : wanted) {
            batch.attempt(name, () -> topics.add(Failures.await(answers.get(name))));
        }
        var configs = configs(admin, topics);
        output.print(
                terminal,
                () -> topics.stream().map(t -> json(t, configs.get(t.name()))).toList(),
                () -> topics.forEach(t -> text(t, configs.get(t.name()), terminal)));
        batch.throwIfFailed();
    }

    /** The configs set for each topic; none for a topic whose configs this user may not read. */
    private static Map<String, Map<String, String>> configs(Admin admin, List<TopicDescription> topics) {
        var answers = admin.describeConfigs(topics.stream()
                        .map(t -> new ConfigResource(ConfigResource.Type.TOPIC, t.name()))
                        .toList())
                .values();
        var configs = new TreeMap<String, Map<String, String>>();
        answers.forEach((resource, answer) -> {
            try {
                configs.put(resource.name(), set(Failures.await(answer)));
            } catch (ApiException e) {
                configs.put(resource.name(), Map.of());
            }
        });
        return configs;
    }

    private static Map<String, String> set(Config config) {
        return config.entries().stream()
                .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value, (a, b) -> b, TreeMap::new));
    }

    private static void text(TopicDescription topic, Map<String, String> configs, Terminal terminal) {
        terminal.println("Topic " + topic.name() + "  id " + topic.topicId() + "  partitions "
                + topic.partitions().size() + "  replication factor " + replicationFactor(topic)
                + (topic.isInternal() ? "  internal" : ""));
        configs.forEach((name, value) -> terminal.println("  " + name + "=" + value));
        var table = new Table("PARTITION", "LEADER", "REPLICAS", "IN-SYNC", "ELIGIBLE");
        partitions(topic)
                .forEach(p -> table.row(
                        p.partition(),
                        p.leader() == null ? "none" : p.leader().id(),
                        ids(p.replicas()),
                        ids(p.isr()),
                        ids(p.elr())));
        table.print(terminal);
    }

    private static Object json(TopicDescription topic, Map<String, String> configs) {
        return Json.object(
                "name",
                topic.name(),
                "topicId",
                topic.topicId(),
                "internal",
                topic.isInternal(),
                "replicationFactor",
                replicationFactor(topic),
                "configs",
                configs,
                "partitions",
                partitions(topic)
                        .map(p -> Json.object(
                                "partition",
                                p.partition(),
                                "leader",
                                p.leader() == null ? null : p.leader().id(),
                                "replicas",
                                ids(p.replicas()),
                                "isr",
                                ids(p.isr()),
                                "elr",
                                ids(p.elr()),
                                "lastKnownElr",
                                ids(p.lastKnownElr())))
                        .toList());
    }

    private static java.util.stream.Stream<TopicPartitionInfo> partitions(TopicDescription topic) {
        return topic.partitions().stream().sorted(Comparator.comparingInt(TopicPartitionInfo::partition));
    }

    private static int replicationFactor(TopicDescription topic) {
        return topic.partitions().stream()
                .mapToInt(p -> p.replicas().size())
                .max()
                .orElse(0);
    }

    /** @param nodes null where the broker does not say */
    private static List<Integer> ids(List<Node> nodes) {
        return nodes == null ? List.of() : nodes.stream().map(Node::id).toList();
    }
}
