package io.odradek.group.consumer;

import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardDriver;
import io.odradek.group.ClassicCaller;
import io.odradek.group.GroupCoordinator;
import io.odradek.group.GroupShard;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.metadata.Command;
import io.odradek.metadata.Command.ConfigChange;
import io.odradek.metadata.Command.IncrementalAlterConfigs;
import io.odradek.metadata.Endpoint;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** A shard with one consumer group in a cluster of two brokers, and who talks to it. */
final class GroupUnderTest {
    static final String GROUP = "group";
    private static final ConsumerCaller CALLER = new ConsumerCaller("client", "/127.0.0.1");
    private static final short CLASSIC_VERSION = 9;

    final ShardDriver<GroupShard> driver;
    private final InMemoryMetadataStore metadata = new InMemoryMetadataStore(1);
    private final Map<String, String> settings = new HashMap<>();
    private BrokerConfig config;
    private int topics;

    /** What a member may see, when its regular expressions are looked up. */
    Predicate<String> visible = topic -> true;

    GroupUnderTest() {
        // Every change counts at once, unless a test is about the pause.
        set("group.consumer.assignment.interval.ms", "0");
        driver = new ShardDriver<>(
                GroupCoordinator.recordTypes(),
                GroupCoordinator.shards(
                        List.of(ClassicGroups::new, ConsumerGroups::new), ClassicGroups::simple, () -> config));
        metadata.apply(new Command.InitializeCluster("cluster", Features.latest()));
        for (int id = 1; id <= 2; id++) {
            metadata.apply(new Command.RegisterBroker(
                    id,
                    new Uuid(id, 1),
                    List.of(new Endpoint("PLAINTEXT", "host" + id, 9092, SecurityProtocol.PLAINTEXT)),
                    Optional.of("rack" + id),
                    Features.supported()));
        }
        metadata.addListener(driver::image);
    }

    void set(String name, String value) {
        settings.put(name, value);
        config = BrokerConfig.of(settings);
    }

    Uuid createTopic(String name, int partitions) {
        return metadata.apply(
                        new Command.CreateTopic(new Uuid(3, ++topics), name, partitions, (short) 1, Map.of(), Map.of()))
                .id();
    }

    void addPartitions(String name, int count) {
        metadata.apply(new Command.CreatePartitions(name, count, Optional.empty()));
    }

    void deleteTopic(String name) {
        metadata.apply(new Command.DeleteTopic(topicId(name)));
    }

    void setOfGroup(String name, String value) {
        metadata.apply(new IncrementalAlterConfigs(
                new ConfigResource(ConfigResource.Type.GROUP, GROUP),
                List.of(new ConfigChange(name, OpType.SET, Optional.of(value)))));
    }

    Uuid topicId(String name) {
        return metadata.image().topics().byName(name).orElseThrow().id();
    }

    String topicName(Uuid id) {
        return metadata.image().topics().byId(id).map(topic -> topic.name()).orElse(id.toString());
    }

    private ConsumerGroups kind(GroupShard shard) {
        return shard.kind(ConsumerGroups.class);
    }

    ConsumerGroupHeartbeatResponseData heartbeat(ConsumerGroupHeartbeatRequestData request) {
        var outcome = driver.write(shard -> kind(shard).heartbeat(CALLER, request.setGroupId(GROUP)));
        outcome.lookup().ifPresent(this::lookUp);
        return outcome.response();
    }

    /** As a handler does it outside of the shard. */
    private void lookUp(RegexLookup lookup) {
        var found = new HashMap<String, Set<String>>();
        lookup.run().forEach((regex, names) -> {
            var allowed = new TreeSet<>(names);
            allowed.removeIf(visible.negate());
            found.put(regex, allowed);
        });
        driver.write(shard -> kind(shard).resolved(lookup, found));
    }

    /** For requests of the classic protocol. */
    <T> T classic(Function<GroupShard, Decision<T>> operation) {
        return driver.write(operation);
    }

    static ClassicCaller classicCaller() {
        return new ClassicCaller("client", "/127.0.0.1", CLASSIC_VERSION);
    }

    Optional<ConsumerGroup> group() {
        return driver.shard().groups().get(GROUP, ConsumerGroup.class);
    }

    ConsumerGroup existing() {
        return group().orElseThrow();
    }

    DescribedGroup describe() {
        return driver.read(shard -> kind(shard).describe(GROUP));
    }

    List<CoordinatorRecord> takeWritten() {
        return driver.takeWritten();
    }

    /** Who owns what, "topic-partition" by member id. */
    Map<String, Set<String>> owners() {
        var owned = new TreeMap<String, Set<String>>();
        existing().members().values().forEach(member -> {
            var partitions = new TreeSet<String>();
            for (var part :
                    List.of(member.current().assigned(), member.current().pendingRevocation())) {
                part.epochs()
                        .forEach((topic, of) -> of.keySet().forEach(p -> partitions.add(topicName(topic) + "-" + p)));
            }
            owned.put(member.memberId(), partitions);
        });
        return owned;
    }
}
