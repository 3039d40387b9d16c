package io.odradek.metadata;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** Commands of all kinds about a few names and numbers, so that many of them meet; some are nonsense. */
final class RandomCommands {
    private static final List<String> NAMES =
            List.of("a", "b", "c", "a.b", "a_b", "", "..", "d/e", "ü", "__consumer_offsets");

    private static final List<String> CONFIGS = List.of(
            "retention.ms=5",
            "retention.ms=x",
            "cleanup.policy=compact",
            "unclean.leader.election.enable=true",
            "unclean.leader.election.enable=false",
            "min.insync.replicas=1",
            "min.insync.replicas=2",
            "min.insync.replicas=3",
            "num.io.threads=3",
            "interval.ms=500",
            "consumer.session.timeout.ms=50000",
            "no.such.config=1");

    private final Random random;
    private final Map<Integer, Long> epochs = new HashMap<>();
    private List<TopicImage> topics = List.of();

    RandomCommands(long seed) {
        random = new Random(seed);
    }

    /** To make commands that know the epochs of brokers and partitions, at least mostly. */
    void saw(MetadataImage image) {
        image.brokers().values().forEach(b -> epochs.put(b.id(), b.epoch()));
        topics = List.copyOf(image.topics().all());
    }

    Command<?> next() {
        return random.nextInt(3) == 0 && !topics.isEmpty() ? ofAPartition() : ofAnything();
    }

    private Command<?> ofAPartition() {
        var topic = topics.get(random.nextInt(topics.size()));
        var partition = topic.partitions().get(random.nextInt(topic.partitions().size()));
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4 -> alterPartition(topic, partition);
            case 5 -> new Command.ElectLeader(topic.id(), partition.partition() + noise(), electionType());
            case 6 -> new Command.ControlledShutdown(brokerId(), epoch());
            case 7 ->
                new Command.AlterPartitionReassignment(
                        topic.name(), partition.partition() + noise(), Optional.empty(), random.nextBoolean());
            default ->
                new Command.AlterPartitionReassignment(
                        topic.name(),
                        partition.partition(),
                        Optional.of(random.nextInt(10) == 0 ? replicas() : distinct(replicas())),
                        random.nextInt(4) > 0);
        };
    }

    private Command<?> alterPartition(TopicImage topic, PartitionImage partition) {
        var isr = new ArrayList<BrokerState>();
        for (var replica : partition.replicas()) {
            if (replica == partition.leader() || random.nextBoolean()) {
                isr.add(new BrokerState(
                        replica + noise(),
                        random.nextInt(3) == 0 ? Command.NO_EPOCH : epochs.getOrDefault(replica, 0L)));
            }
        }
        return new Command.AlterPartition(
                partition.leader(),
                epochs.getOrDefault(partition.leader(), 0L) + noise(),
                topic.id(),
                partition.partition() + noise(),
                partition.leaderEpoch() + noise(),
                partition.partitionEpoch() + noise(),
                isr);
    }

    /** Mostly 0. */
    private int noise() {
        return random.nextInt(40) == 0 ? random.nextInt(3) - 1 : 0;
    }

    private ElectionType electionType() {
        return random.nextInt(5) == 0 ? ElectionType.UNCLEAN : ElectionType.PREFERRED;
    }

    private static List<Integer> distinct(List<Integer> replicas) {
        return replicas.stream().distinct().toList();
    }

    private Command<?> ofAnything() {
        return switch (random.nextInt(15)) {
            case 0, 1, 2 -> createTopic();
            case 3 -> new Command.DeleteTopic(topicId());
            case 4, 5 -> new Command.CreatePartitions(name(), random.nextInt(8), assignmentList());
            case 6, 7 -> new Command.IncrementalAlterConfigs(resource(), changes());
            case 8 -> new Command.ReplaceConfigs(resource(), optionalConfigs());
            case 9, 10, 11 -> registerBroker();
            case 12 -> new Command.FenceBroker(brokerId(), epoch());
            case 13 ->
                random.nextInt(4) == 0
                        ? new Command.UnregisterBroker(brokerId())
                        : new Command.AllocateProducerIds(brokerId(), epoch());
            default ->
                random.nextInt(5) == 0
                        ? new Command.InitializeCluster(name(), levels(), random.nextInt(3))
                        : new Command.UpdateFeatures(updates(), random.nextInt(3));
        };
    }

    private Command<?> createTopic() {
        var name = name();
        if (random.nextInt(3) > 0) {
            return new Command.CreateTopic(
                    topicId(), name, random.nextInt(6) - 1, (short) (random.nextInt(5) - 1), Map.of(), configs());
        }
        var assignments = new HashMap<Integer, List<Integer>>();
        for (int partition = random.nextInt(3); partition >= 0; partition--) {
            assignments.put(partition, replicas());
        }
        var count = random.nextInt(5) == 0 ? 1 : -1;
        return new Command.CreateTopic(topicId(), name, count, (short) -1, assignments, configs());
    }

    private Command<?> registerBroker() {
        var features = new HashMap<String, VersionRange>();
        Features.supported().forEach(features::put);
        if (random.nextInt(10) == 0) {
            features.put("other", new VersionRange((short) 0, (short) random.nextInt(Short.MAX_VALUE)));
        }
        int id = brokerId();
        return new Command.RegisterBroker(
                id,
                new Uuid(5, random.nextInt(3)),
                List.of(
                        new Endpoint("A", "hostä", random.nextInt(65536), SecurityProtocol.PLAINTEXT),
                        new Endpoint("B", "::1", 1, SecurityProtocol.SSL)),
                random.nextBoolean() ? Optional.empty() : Optional.of("rack" + random.nextInt(2)),
                features,
                random.nextBoolean() ? Command.NO_EPOCH : epochs.getOrDefault(id, 0L));
    }

    private Optional<List<List<Integer>>> assignmentList() {
        if (random.nextInt(3) > 0) {
            return Optional.empty();
        }
        var assignments = new ArrayList<List<Integer>>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            assignments.add(replicas());
        }
        return Optional.of(assignments);
    }

    private List<Integer> replicas() {
        var replicas = new ArrayList<Integer>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            replicas.add(brokerId());
        }
        return replicas;
    }

    private ConfigResource resource() {
        if (!topics.isEmpty() && random.nextBoolean()) {
            return new ConfigResource(
                    ConfigResource.Type.TOPIC,
                    topics.get(random.nextInt(topics.size())).name());
        }
        return switch (random.nextInt(5)) {
            case 0 -> new ConfigResource(ConfigResource.Type.BROKER, random.nextBoolean() ? "" : "" + brokerId());
            case 1 -> new ConfigResource(ConfigResource.Type.GROUP, name());
            case 2 -> new ConfigResource(ConfigResource.Type.CLIENT_METRICS, name());
            default -> new ConfigResource(ConfigResource.Type.TOPIC, name());
        };
    }

    private Map<String, String> configs() {
        var configs = new HashMap<String, String>();
        for (int i = random.nextInt(8); i < 2; i++) {
            var config = config();
            configs.put(config[0], config[1]);
        }
        return configs;
    }

    private Map<String, Optional<String>> optionalConfigs() {
        var configs = new HashMap<String, Optional<String>>();
        configs()
                .forEach((name, value) ->
                        configs.put(name, random.nextInt(9) == 0 ? Optional.empty() : Optional.of(value)));
        return configs;
    }

    private List<Command.ConfigChange> changes() {
        var changes = new ArrayList<Command.ConfigChange>();
        for (int i = random.nextInt(2); i >= 0; i--) {
            var config = config();
            var operation = OpType.values()[random.nextInt(OpType.values().length)];
            var value = random.nextInt(9) == 0 ? Optional.<String>empty() : Optional.of(config[1]);
            changes.add(new Command.ConfigChange(config[0], operation, value));
        }
        return changes;
    }

    private String[] config() {
        return CONFIGS.get(random.nextInt(CONFIGS.size())).split("=");
    }

    private Map<String, Short> levels() {
        return random.nextBoolean() ? Features.latest() : Map.of("metadata.version", (short) (random.nextInt(40) - 1));
    }

    private Map<String, Command.FeatureUpdate> updates() {
        if (random.nextInt(3) == 0) {
            return Map.of(
                    Features.ELIGIBLE_LEADER_REPLICAS_VERSION,
                    random.nextInt(3) == 0
                            ? new Command.FeatureUpdate((short) 0, UpgradeType.SAFE_DOWNGRADE)
                            : new Command.FeatureUpdate((short) 1, UpgradeType.UPGRADE));
        }
        return Map.of(
                "metadata.version",
                new Command.FeatureUpdate(
                        (short) (random.nextInt(40) - 2),
                        UpgradeType.values()[random.nextInt(UpgradeType.values().length)]));
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private Uuid topicId() {
        return new Uuid(3, random.nextInt(12));
    }

    private int brokerId() {
        return random.nextInt(30) == 0 ? -1 : random.nextInt(4);
    }

    private long epoch() {
        return random.nextInt(5) == 0 ? random.nextInt(10) : epochs.getOrDefault(brokerId(), 0L);
    }
}
