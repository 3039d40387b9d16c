package io.odradek.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.common.Node;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "log-dirs",
        description = "Shows the log directories of the brokers and how much they hold.",
        footer = {"  odradek cluster log-dirs", "  odradek cluster log-dirs --broker 1,2 --partitions"})
final class ClusterLogDirsCommand extends AdminCommand {
    private record Directory(int broker, String path, LogDirDescription description) {
        long sizeInBytes() {
            return description.replicaInfos().values().stream()
                    .mapToLong(ReplicaInfo::size)
                    .sum();
        }

        String state() {
            return description.error() == null ? "online" : "offline: " + Failures.oneLine(description.error());
        }
    }

    @Option(names = "--broker", paramLabel = "ID", split = ",", description = "Only these brokers.")
    private List<Integer> brokers = List.of();

    @Option(names = "--partitions", description = "Also the size of every partition.")
    private boolean partitions;

    @Mixin
    private OutputOption output;

    @Override
    void run(Admin admin, Terminal terminal) {
        var asked = brokers.isEmpty()
                ? Failures.await(admin.describeCluster().nodes()).stream()
                        .map(Node::id)
                        .sorted()
                        .toList()
                : brokers;
        var answers = admin.describeLogDirs(asked).descriptions();
        var directories = new ArrayList<Directory>();
        for (var broker : asked) {
            new TreeMap<>(Failures.await(answers.get(broker)))
                    .forEach((path, description) -> directories.add(new Directory(broker, path, description)));
        }
        output.print(terminal, () -> directories.stream().map(this::json).toList(), () -> text(directories, terminal));
    }

    private void text(List<Directory> directories, Terminal terminal) {
        var table = new Table("BROKER", "LOG DIRECTORY", "PARTITIONS", "BYTES", "USABLE BYTES", "STATE");
        directories.forEach(d -> table.row(
                d.broker(),
                d.path(),
                d.description().replicaInfos().size(),
                d.sizeInBytes(),
                orDash(d.description().usableBytes()),
                d.state()));
        table.print(terminal);
        if (partitions) {
            var sizes = new Table("BROKER", "LOG DIRECTORY", "TOPIC", "PARTITION", "BYTES", "LAG", "STATE");
            directories.forEach(d -> replicas(d)
                    .forEach((name, r) -> sizes.row(
                            d.broker(),
                            d.path(),
                            name.topic(),
                            name.partition(),
                            r.size(),
                            r.offsetLag(),
                            r.isFuture() ? "coming" : "here")));
            terminal.println("");
            sizes.print(terminal);
        }
    }

    private Object json(Directory d) {
        var json = Json.object(
                "broker", d.broker(),
                "path", d.path(),
                "error",
                        d.description().error() == null
                                ? null
                                : Failures.oneLine(d.description().error()),
                "partitionCount", d.description().replicaInfos().size(),
                "sizeInBytes", d.sizeInBytes(),
                "totalBytes", orNull(d.description().totalBytes()),
                "usableBytes", orNull(d.description().usableBytes()));
        if (partitions) {
            var replicas = new ArrayList<Object>();
            replicas(d)
                    .forEach((name, r) -> replicas.add(Json.object(
                            "topic",
                            name.topic(),
                            "partition",
                            name.partition(),
                            "sizeInBytes",
                            r.size(),
                            "lag",
                            r.offsetLag(),
                            "future",
                            r.isFuture())));
            json.put("partitions", replicas);
        }
        return json;
    }

    private static TreeMap<PartitionName, ReplicaInfo> replicas(Directory d) {
        var sorted = new TreeMap<PartitionName, ReplicaInfo>();
        d.description()
                .replicaInfos()
                .forEach((tp, replica) -> sorted.put(new PartitionName(tp.topic(), tp.partition()), replica));
        return sorted;
    }

    private record PartitionName(String topic, int partition) implements Comparable<PartitionName> {
        @Override
        public int compareTo(PartitionName other) {
            int byTopic = topic.compareTo(other.topic);
            return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
        }
    }

    private static Object orDash(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : "-";
    }

    private static Object orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }
}
