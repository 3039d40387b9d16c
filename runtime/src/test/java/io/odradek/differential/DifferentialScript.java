package io.odradek.differential;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that both brokers are asked, and the settings that they are started with. */
final class DifferentialScript {
    static final int MAX_GROUP_SIZE = 4;

    static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("num.partitions", "3"),
            Map.entry("default.replication.factor", "1"),
            Map.entry("log.retention.hours", "100"),
            // Records have old timestamps, and are not to be deleted for it while they are compared.
            Map.entry("log.initial.task.delay.ms", "600000"),
            Map.entry("offsets.topic.num.partitions", "1"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offset.metadata.max.bytes", "100"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            Map.entry("group.min.session.timeout.ms", "100"),
            Map.entry("group.max.size", Integer.toString(MAX_GROUP_SIZE)),
            Map.entry("group.consumer.max.size", Integer.toString(MAX_GROUP_SIZE)),
            // Assignments are made at once, not up to a second later.
            Map.entry("group.consumer.assignment.interval.ms", "0"),
            Map.entry("transaction.abort.timed.out.transaction.cleanup.interval.ms", "50"),
            Map.entry("transaction.state.log.num.partitions", "1"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"));

    /** Steps that are answered differently by choice, each told in {@code docs/compatibility.md}. */
    static final Set<String> CHOSEN = Set.of(
            "DeleteTopics v6: a name and the same topic's id",
            "Produce v12: compression unknown",
            "Produce v12: said to be compressed",
            "IncrementalAlterConfigs v1: append to a list of client metrics");

    private DifferentialScript() {}

    static List<Script.Step> steps() {
        var script = new Script();
        ClusterSteps.add(script);
        TopicSteps.add(script);
        PartitionSteps.add(script);
        MetadataSteps.add(script);
        ProduceSteps.add(script);
        FetchSteps.add(script);
        ConfigSteps.add(script);
        CoordinatorSteps.add(script);
        ClassicGroupSteps.add(script);
        StaticMemberSteps.add(script);
        OffsetSteps.add(script);
        ConsumerGroupSteps.add(script);
        TransactionSteps.add(script);
        GroupSteps.add(script);
        return script.steps();
    }
}
