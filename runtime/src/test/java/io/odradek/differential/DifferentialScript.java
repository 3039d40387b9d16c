package io.odradek.differential;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that both brokers are asked, and the settings that they are started with. */
final class DifferentialScript {
    static final Map<String, String> SETTINGS = Map.of(
            "num.partitions", "3",
            "default.replication.factor", "1",
            "log.retention.hours", "100",
            // Records have old timestamps, and are not to be deleted for it while they are compared.
            "log.initial.task.delay.ms", "600000");

    /** Steps that are answered differently by choice, each told in {@code docs/compatibility.md}. */
    static final Set<String> CHOSEN = Set.of(
            "DeleteTopics v6: a name and the same topic's id",
            "Produce v12: compression unknown",
            "Produce v12: said to be compressed",
            "Produce v12: a transaction that was not begun",
            "IncrementalAlterConfigs v1: append to a list of client metrics");

    private DifferentialScript() {}

    static List<Script.Step> steps() {
        var script = new Script();
        ClusterSteps.add(script);
        TopicSteps.add(script);
        MetadataSteps.add(script);
        ProduceSteps.add(script);
        FetchSteps.add(script);
        ConfigSteps.add(script);
        return script.steps();
    }
}
