package io.odradek.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Keeps reassignments from taking all of the network (KIP-73). The same configs as {@code kafka-reassign-partitions
 * --throttle} sets, so that either may take away what the other has set.
 */
final class ReplicationThrottle {
    private static final List<String> RATES =
            List.of("leader.replication.throttled.rate", "follower.replication.throttled.rate");
    private static final String LEADERS = "leader.replication.throttled.replicas";
    private static final String FOLLOWERS = "follower.replication.throttled.replicas";

    private final Admin admin;

    ReplicationThrottle(Admin admin) {
        this.admin = admin;
    }

    /** To be called before the partitions are reassigned. */
    void limit(Map<TopicPartition, List<Integer>> targets, long bytesPerSecond) {
        var sources = sources(targets.keySet());
        var leaders = new TreeMap<String, List<String>>();
        var followers = new TreeMap<String, List<String>>();
        var brokers = new TreeSet<Integer>();
        targets.forEach((partition, target) -> {
            var source = sources.get(partition);
            for (int broker : source) {
                leaders.computeIfAbsent(partition.topic(), t -> new ArrayList<>())
                        .add(partition.partition() + ":" + broker);
                brokers.add(broker);
            }
            for (int broker : target) {
                if (!source.contains(broker)) {
                    followers
                            .computeIfAbsent(partition.topic(), t -> new ArrayList<>())
                            .add(partition.partition() + ":" + broker);
                    brokers.add(broker);
                }
            }
        });
        for (int broker : brokers) {
            var rates = new TreeMap<String, String>();
            RATES.forEach(name -> rates.put(name, String.valueOf(bytesPerSecond)));
            new ConfigChange(rates, List.of()).apply(admin, broker(broker), false);
        }
        followers.forEach((topic, replicas) -> new ConfigChange(
                        Map.of(
                                LEADERS,
                                String.join(",", leaders.getOrDefault(topic, List.of())),
                                FOLLOWERS,
                                String.join(",", replicas)),
                        List.of())
                .apply(admin, topic(topic), false));
    }

    /** Where partitions are now: those that they are on their way to do not count. */
    private Map<TopicPartition, List<Integer>> sources(Collection<TopicPartition> partitions) {
        var topics = Failures.await(admin.describeTopics(partitions.stream()
                        .map(TopicPartition::topic)
                        .distinct()
                        .toList())
                .allTopicNames());
        var moving = Failures.await(admin.listPartitionReassignments().reassignments());
        var sources = new HashMap<TopicPartition, List<Integer>>();
        for (var partition : partitions) {
            var coming = moving.containsKey(partition) ? moving.get(partition).addingReplicas() : List.<Integer>of();
            sources.put(
                    partition,
                    topics.get(partition.topic()).partitions().stream()
                            .filter(p -> p.partition() == partition.partition())
                            .flatMap(p -> p.replicas().stream())
                            .map(Node::id)
                            .filter(id -> !coming.contains(id))
                            .toList());
        }
        return sources;
    }

    /** @return the topics that were throttled */
    List<String> clear() {
        for (var broker : Failures.await(admin.describeCluster().nodes())) {
            new ConfigChange(Map.of(), RATES).apply(admin, broker(broker.id()), false);
        }
        var topics = Failures.await(
                admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        var configs = Failures.await(admin.describeConfigs(
                        topics.stream().map(ReplicationThrottle::topic).toList())
                .all());
        var throttled = new TreeSet<String>();
        configs.forEach((topic, config) -> {
            if (!config.get(LEADERS).value().isEmpty()
                    || !config.get(FOLLOWERS).value().isEmpty()) {
                throttled.add(topic.name());
            }
        });
        throttled.forEach(
                topic -> new ConfigChange(Map.of(), List.of(LEADERS, FOLLOWERS)).apply(admin, topic(topic), false));
        return List.copyOf(throttled);
    }

    private static ConfigResource broker(int id) {
        return new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(id));
    }

    private static ConfigResource topic(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }
}
