package io.odradek.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "describe",
        description = "Shows the cluster's id, controller, brokers, quorum and features.",
        footer = {"  odradek cluster describe", "  odradek cluster describe --output json"})
final class ClusterDescribeCommand extends AdminCommand {
    /** What the cluster says of itself. The quorum is kept from users who may not know it, features from all brokers too old to have them. */
    private record Cluster(
            String id,
            Node controller,
            List<Node> brokers,
            Optional<QuorumInfo> quorum,
            Optional<FeatureMetadata> features) {}

    @Mixin
    private OutputOption output;

    @Override
    void run(Admin admin, Terminal terminal) {
        var basics = admin.describeCluster(new DescribeClusterOptions());
        var quorum = admin.describeMetadataQuorum().quorumInfo();
        var features = admin.describeFeatures().featureMetadata();
        var cluster = new Cluster(
                Failures.await(basics.clusterId()),
                Failures.await(basics.controller()),
                Failures.await(basics.nodes()).stream()
                        .sorted(Comparator.comparingInt(Node::id))
                        .toList(),
                ifShown(quorum),
                ifShown(features));
        output.print(terminal, () -> json(cluster), () -> text(cluster, terminal));
    }

    private static <T> Optional<T> ifShown(KafkaFuture<T> answer) {
        try {
            return Optional.of(Failures.await(answer));
        } catch (AuthorizationException | UnsupportedVersionException e) {
            return Optional.empty();
        }
    }

    private static void text(Cluster cluster, Terminal terminal) {
        terminal.println("Cluster " + cluster.id() + "  controller "
                + (cluster.controller() == null ? "none" : cluster.controller().id()));
        terminal.println("");
        var brokers = new Table("BROKER", "HOST", "PORT", "RACK");
        cluster.brokers().forEach(b -> brokers.row(b.id(), b.host(), b.port(), b.rack() == null ? "-" : b.rack()));
        brokers.print(terminal);
        cluster.quorum().ifPresent(quorum -> {
            terminal.println("");
            terminal.println("Quorum leader " + quorum.leaderId() + "  epoch " + quorum.leaderEpoch()
                    + "  high watermark " + quorum.highWatermark());
            var replicas = new Table("REPLICA", "ROLE", "LOG END OFFSET", "LAG");
            quorum.voters().forEach(v -> replicas.row(v.replicaId(), "voter", v.logEndOffset(), lag(quorum, v)));
            quorum.observers().forEach(o -> replicas.row(o.replicaId(), "observer", o.logEndOffset(), lag(quorum, o)));
            replicas.print(terminal);
        });
        cluster.features().ifPresent(features -> {
            terminal.println("");
            var table = new Table("FEATURE", "FINALIZED", "SUPPORTED");
            levels(features)
                    .forEach((name, level) -> table.row(
                            name,
                            level.finalized().isPresent() ? level.finalized().get() : "-",
                            level.min() + "-" + level.max()));
            table.print(terminal);
        });
    }

    private static Object json(Cluster cluster) {
        return Json.object(
                "clusterId", cluster.id(),
                "controller", Optional.ofNullable(cluster.controller()).map(Node::id),
                "brokers",
                        cluster.brokers().stream()
                                .map(b ->
                                        Json.object("id", b.id(), "host", b.host(), "port", b.port(), "rack", b.rack()))
                                .toList(),
                "quorum", cluster.quorum().map(ClusterDescribeCommand::json),
                "features",
                        cluster.features().map(f -> {
                            var levels = new TreeMap<String, Object>();
                            levels(f)
                                    .forEach((name, level) -> levels.put(
                                            name,
                                            Json.object(
                                                    "finalized",
                                                    level.finalized(),
                                                    "min",
                                                    level.min(),
                                                    "max",
                                                    level.max())));
                            return levels;
                        }));
    }

    private static Object json(QuorumInfo quorum) {
        return Json.object(
                "leader", quorum.leaderId(),
                "epoch", quorum.leaderEpoch(),
                "highWatermark", quorum.highWatermark(),
                "voters", quorum.voters().stream().map(v -> json(quorum, v)).toList(),
                "observers",
                        quorum.observers().stream().map(o -> json(quorum, o)).toList());
    }

    private static Object json(QuorumInfo quorum, QuorumInfo.ReplicaState replica) {
        return Json.object(
                "id", replica.replicaId(),
                "logEndOffset", replica.logEndOffset(),
                "lag", lag(quorum, replica),
                "lastCaughtUpMs", orNull(replica.lastCaughtUpTimestamp()));
    }

    private static Object orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    /** Entries that the leader has and the replica does not. */
    private static long lag(QuorumInfo quorum, QuorumInfo.ReplicaState replica) {
        return quorum.voters().stream()
                .filter(v -> v.replicaId() == quorum.leaderId())
                .mapToLong(leader -> Math.max(0, leader.logEndOffset() - replica.logEndOffset()))
                .findFirst()
                .orElse(0);
    }

    private record Level(Optional<Short> finalized, short min, short max) {}

    private static Map<String, Level> levels(FeatureMetadata features) {
        var levels = new TreeMap<String, Level>();
        features.supportedFeatures()
                .forEach((name, range) -> levels.put(
                        name,
                        new Level(
                                Optional.ofNullable(features.finalizedFeatures().get(name))
                                        .map(f -> f.maxVersionLevel()),
                                range.minVersion(),
                                range.maxVersion())));
        return levels;
    }
}
