package io.odradek.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Utils;

/**
 * The metadata quorum.
 *
 * @param isBroker whether {@code process.roles} has {@code broker}: a node without it has no partitions and serves no clients
 * @param quorumVoters {@code controller.quorum.voters}; empty for a cluster of this node alone
 * @param bootstrapServers {@code controller.quorum.bootstrap.servers}, host and port
 * @param electionTimeoutMs {@code controller.quorum.election.timeout.ms}
 * @param fetchTimeoutMs {@code controller.quorum.fetch.timeout.ms}
 * @param requestTimeoutMs {@code controller.quorum.request.timeout.ms}
 * @param snapshotMaxNewRecordBytes {@code metadata.log.max.record.bytes.between.snapshots}
 * @param snapshotMaxIntervalMs {@code metadata.log.max.snapshot.interval.ms}; 0 is never
 * @param segmentBytes {@code metadata.log.segment.bytes}
 * @param logDir {@code metadata.log.dir}; empty for the first of {@code log.dirs}
 * @param clusterId {@code odradek.cluster.id}: the id of the cluster; empty for a random one, which only a node alone may have
 */
public record MetadataSettings(
        boolean isBroker,
        List<Voter> quorumVoters,
        List<Listener.HostPort> bootstrapServers,
        int electionTimeoutMs,
        int fetchTimeoutMs,
        int requestTimeoutMs,
        long snapshotMaxNewRecordBytes,
        long snapshotMaxIntervalMs,
        int segmentBytes,
        Optional<Path> logDir,
        Optional<String> clusterId) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            odradek.cluster.id | string | - | | medium | read-only | yes | The id that a new cluster is given at its first start; a cluster of several nodes needs one, a single node without it takes a random one. In the environment also CLUSTER_ID, as in the apache/kafka image.
            node.id | int | 1 | 0.. | high | read-only | yes | The number of this node in its cluster.
            broker.id | int | -1 | | high | read-only | yes | The old name of `node.id`.
            process.roles | list | broker,controller | {broker,controller} not empty | high | read-only | yes | What the node is: a broker, and a controller, that is, one of those who vote on metadata. Without it, the latter is what `controller.quorum.voters` says. A node without `broker` votes, has no partitions and serves no clients.
            broker.rack | string | - | | medium | read-only | yes | The rack that this broker is in; replicas are spread over racks.
            controller.quorum.voters | list | | | high | read-only | yes | The nodes that vote on metadata: id@host:port, the same list on every node; a node that is not among them follows. Without it, this node is a cluster of its own.
            controller.quorum.bootstrap.servers | list | | | high | read-only | no | Addresses through which a node finds the metadata quorum: host:port, separated by commas.
            controller.quorum.election.timeout.ms | int | 1000 | 0.. | high | read-only | no | How long a follower of the metadata waits for its leader before it stands for election.
            controller.quorum.fetch.timeout.ms | int | 2000 | 0.. | high | read-only | no | How long a leader of the metadata goes without word from a majority before it steps down.
            controller.quorum.election.backoff.max.ms | int | 1000 | 0.. | high | read-only | no | The longest pause before a further election.
            controller.quorum.request.timeout.ms | int | 2000 | 0.. | medium | read-only | no | How long a change of the metadata may take before it counts as failed.
            controller.quorum.retry.backoff.ms | int | 20 | 0.. | low | read-only | no | Pause before a request to the quorum is tried again.
            controller.quorum.append.linger.ms | int | 25 | 0.. | medium | read-only | no | How long changes of the metadata are collected before they are written.
            controller.quorum.auto.join.enable | boolean | false | | low | read-only | no | Whether a controller joins the voters by itself.
            controller.quorum.fetch.max.bytes | int | 1048576 | 1.. | low | read-only | no | How much of the metadata log one fetch may carry.
            controller.quorum.fetch.snapshot.max.bytes | int | 1048576 | 1.. | low | read-only | no | How much of a snapshot of the metadata one fetch may carry.
            controller.socket.timeout.ms | int | 30000 | | medium | read-only | no | How long the controller waits on a connection to a broker.
            controller.quota.window.num | int | 11 | 1.. | low | read-only | no | Samples of the quota on changes of the metadata.
            controller.quota.window.size.seconds | int | 1 | 1.. | low | read-only | no | Length of a sample of the quota on changes of the metadata.
            metadata.log.dir | string | - | | high | read-only | yes | The directory of the metadata log; without it, the first of `log.dirs`.
            metadata.log.segment.bytes | int | 1073741824 | 8388608.. | high | read-only | yes | Size of a file of the metadata log.
            metadata.log.segment.ms | long | 604800000 | | high | read-only | no | Age at which a file of the metadata log is closed.
            metadata.log.max.record.bytes.between.snapshots | long | 20971520 | 1.. | high | read-only | yes | A snapshot of the metadata is taken after so many bytes of changes.
            metadata.log.max.snapshot.interval.ms | long | 3600000 | 0.. | high | read-only | no | A snapshot of the metadata is taken after so long, if anything changed; 0 is never.
            metadata.max.idle.interval.ms | int | 500 | 0.. | low | read-only | no | How often the controller writes a record that says nothing.
            metadata.max.retention.bytes | long | 104857600 | | high | read-only | no | How much metadata log is kept behind a snapshot.
            metadata.max.retention.ms | long | 604800000 | | high | read-only | no | How long metadata log is kept behind a snapshot.
            """);

    public MetadataSettings {
        quorumVoters = List.copyOf(quorumVoters);
        bootstrapServers = List.copyOf(bootstrapServers);
    }

    /** One entry of {@code controller.quorum.voters}. */
    public record Voter(int nodeId, Listener.HostPort address) {}

    /** Whether this node is one of those who vote on metadata. */
    public boolean isVoter(int nodeId) {
        return quorumVoters.isEmpty() || voter(nodeId).isPresent();
    }

    /** Whether this node is a broker that votes with nobody else at first. */
    public boolean isOnlyVoter(int nodeId) {
        return isBroker && isVoter(nodeId) && quorumVoters.size() <= 1;
    }

    public Optional<Voter> voter(int nodeId) {
        return quorumVoters.stream().filter(voter -> voter.nodeId() == nodeId).findFirst();
    }

    /** @param rolesAreGiven whether {@code process.roles} was set, or is the default */
    static MetadataSettings of(SettingValues v, int nodeId, boolean rolesAreGiven) {
        var voters = v.list("controller.quorum.voters").stream()
                .map(MetadataSettings::voter)
                .toList();
        requireConsistent(nodeId, voters, v.list("process.roles"), rolesAreGiven);
        Check.that(
                v.list("controller.quorum.bootstrap.servers").size() <= 1,
                "controller.quorum.bootstrap.servers may name only this node: name those that vote with"
                        + " controller.quorum.voters");
        return new MetadataSettings(
                v.list("process.roles").contains("broker"),
                voters,
                v.list("controller.quorum.bootstrap.servers").stream()
                        .map(a -> address("controller.quorum.bootstrap.servers", a))
                        .toList(),
                v.integer("controller.quorum.election.timeout.ms"),
                v.integer("controller.quorum.fetch.timeout.ms"),
                v.integer("controller.quorum.request.timeout.ms"),
                v.longValue("metadata.log.max.record.bytes.between.snapshots"),
                v.longValue("metadata.log.max.snapshot.interval.ms"),
                v.integer("metadata.log.segment.bytes"),
                v.text("metadata.log.dir").map(Path::of),
                v.text("odradek.cluster.id"));
    }

    /** The rules of Kafka's own check, in its words where it has any. */
    private static void requireConsistent(int nodeId, List<Voter> voters, List<String> roles, boolean rolesAreGiven) {
        var named = voters.stream().map(voter -> String.valueOf(voter.nodeId())).toList();
        Check.that(
                Set.copyOf(named).size() == named.size(),
                "controller.quorum.voters names a node more than once: " + named);
        boolean votes = named.contains(String.valueOf(nodeId));
        if (!rolesAreGiven) {
            return;
        }
        boolean controller = roles.contains("controller");
        Check.that(
                !controller || votes || voters.isEmpty(),
                "If process.roles contains the 'controller' role, the node id " + nodeId
                        + " must be included in the set of voters controller.quorum.voters=" + named);
        Check.that(
                controller || !votes,
                "If process.roles contains just the 'broker' role, the node id " + nodeId
                        + " must not be included in the set of voters controller.quorum.voters=" + named);
        Check.that(
                roles.size() > 1 || !voters.isEmpty(),
                "If process.roles contains just one role, controller.quorum.voters must name the nodes that vote");
    }

    private static Voter voter(String text) {
        var at = text.indexOf('@');
        try {
            return new Voter(
                    Integer.parseInt(text.substring(0, Math.max(at, 0)).trim()),
                    address("controller.quorum.voters", text.substring(at + 1)));
        } catch (NumberFormatException e) {
            throw new ConfigException("controller.quorum.voters", text, "must be id@host:port, separated by commas");
        }
    }

    private static Listener.HostPort address(String setting, String text) {
        var host = Utils.getHost(text.trim());
        var port = Utils.getPort(text.trim());
        if (host == null || port == null) {
            throw new ConfigException(setting, text, "must be host:port");
        }
        return new Listener.HostPort(host, port);
    }
}
