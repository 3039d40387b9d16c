package io.odradek.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** An image that commands are applied to one after the other. */
final class ImageUnderTest {
    private MetadataImage image = MetadataImage.EMPTY;
    private MetadataChange lastChange;

    /** With brokers 1 to n in service. */
    static ImageUnderTest withBrokers(int count) {
        var cluster = new ImageUnderTest();
        cluster.ok(new Command.InitializeCluster("cluster", Features.latest()));
        IntStream.rangeClosed(1, count).forEach(id -> cluster.ok(broker(id, 0)));
        return cluster;
    }

    /** As {@link #withBrokers}, in a cluster from before there were eligible leader replicas. */
    static ImageUnderTest withoutElr(int count) {
        var features = new HashMap<>(Features.latest());
        features.remove(Features.ELIGIBLE_LEADER_REPLICAS_VERSION);
        var cluster = new ImageUnderTest();
        cluster.ok(new Command.InitializeCluster("cluster", features));
        IntStream.rangeClosed(1, count).forEach(id -> cluster.ok(broker(id, 0)));
        return cluster;
    }

    static Command.RegisterBroker broker(int id, long incarnation, String... rack) {
        return new Command.RegisterBroker(
                id,
                new Uuid(id, incarnation),
                List.of(new Endpoint("PLAINTEXT", "host" + id, 9092, SecurityProtocol.PLAINTEXT)),
                rack.length == 0 ? Optional.empty() : Optional.of(rack[0]),
                Features.supported());
    }

    static Command.CreateTopic topic(String name, int partitions, int replicationFactor, String... configs) {
        return new Command.CreateTopic(
                id(name), name, partitions, (short) replicationFactor, Map.of(), configs(configs));
    }

    static Command.CreateTopic assigned(String name, Map<Integer, List<Integer>> assignments) {
        return new Command.CreateTopic(id(name), name, -1, (short) -1, assignments, Map.of());
    }

    /** The same for the same name. */
    static Uuid id(String name) {
        return new Uuid(1, name.hashCode() + 1000);
    }

    static Map<String, String> configs(String... namesAndValues) {
        var configs = new HashMap<String, String>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            configs.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return configs;
    }

    static ConfigResource topicResource(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    static ConfigResource brokerResource(String name) {
        return new ConfigResource(ConfigResource.Type.BROKER, name);
    }

    static Command.IncrementalAlterConfigs change(ConfigResource resource, String name, OpType op, String value) {
        return new Command.IncrementalAlterConfigs(
                resource, List.of(new Command.ConfigChange(name, op, Optional.ofNullable(value))));
    }

    MetadataImage image() {
        return image;
    }

    MetadataChange lastChange() {
        return lastChange;
    }

    <R> R ok(Command<R> command) {
        var applied = MetadataMachine.apply(image, command);
        image = applied.image();
        lastChange = applied.change();
        return applied.result().orThrow();
    }

    /** Applies a command that must be refused, and change nothing but the count of commands. */
    <R> void refused(Command<R> command, Errors error, String message) {
        var before = image;
        var applied = MetadataMachine.apply(image, command);
        image = applied.image();
        var failed = assertInstanceOf(Result.Failed.class, applied.result(), () -> "applied: " + command);
        assertEquals(message, failed.message());
        assertEquals(error, failed.error());
        assertEquals(
                before,
                new MetadataImage(
                        image.appliedIndex(),
                        before.commands(),
                        before.digest(),
                        image.clusterId(),
                        image.features(),
                        image.brokers(),
                        image.topics(),
                        image.configs(),
                        image.nextProducerId()));
        assertEquals(before.commands() + 1, image.commands());
    }

    TopicImage topic(String name) {
        return image.topics().byName(name).orElseThrow();
    }

    PartitionImage partition(String topic, int partition) {
        return topic(topic).partition(partition).orElseThrow();
    }

    long epoch(int broker) {
        return image.broker(broker).orElseThrow().epoch();
    }

    void fence(int broker) {
        ok(new Command.FenceBroker(broker, epoch(broker)));
    }

    void controlledShutdown(int broker) {
        ok(new Command.ControlledShutdown(broker, epoch(broker)));
    }

    /** A new process of this broker, after a clean shutdown. */
    void restart(int broker, long incarnation) {
        var registration = broker(broker, incarnation);
        ok(new Command.RegisterBroker(
                broker,
                registration.incarnation(),
                registration.endpoints(),
                registration.rack(),
                registration.features(),
                epoch(broker)));
    }

    /** What the leader would propose now to have these members in sync. */
    Command.AlterPartition isr(String topic, int partition, Integer... members) {
        var state = partition(topic, partition);
        return new Command.AlterPartition(
                state.leader(),
                epoch(state.leader()),
                topic(topic).id(),
                partition,
                state.leaderEpoch(),
                state.partitionEpoch(),
                Stream.of(members).map(id -> new BrokerState(id, epoch(id))).toList());
    }

    Command.ElectLeader election(String topic, int partition, ElectionType type) {
        return new Command.ElectLeader(topic(topic).id(), partition, type);
    }

    static Command.AlterPartitionReassignment reassignment(String topic, int partition, Integer... target) {
        return new Command.AlterPartitionReassignment(topic, partition, Optional.of(List.of(target)), true);
    }

    static Command.AlterPartitionReassignment cancellation(String topic, int partition) {
        return new Command.AlterPartitionReassignment(topic, partition, Optional.empty(), true);
    }
}
