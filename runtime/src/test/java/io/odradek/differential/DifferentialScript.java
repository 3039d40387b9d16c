package io.odradek.differential;

import java.util.List;
import java.util.Map;

/** All that both brokers are asked, and the settings that they are started with. */
final class DifferentialScript {
    static final Map<String, String> SETTINGS = Map.of(
            "num.partitions", "3",
            "default.replication.factor", "1",
            "offsets.topic.replication.factor", "1",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "log.retention.hours", "100");

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
