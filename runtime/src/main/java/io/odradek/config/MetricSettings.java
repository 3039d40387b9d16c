package io.odradek.config;

import java.util.List;

/** Settings of metrics. */
final class MetricSettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            metric.reporters | list | org.apache.kafka.common.metrics.JmxReporter | | low | cluster-wide | no | Classes of Kafka's that report metrics: metrics are at /q/metrics.
            metrics.num.samples | int | 2 | 1.. | low | read-only | no | Samples of a metric.
            metrics.sample.window.ms | long | 30000 | 1.. | low | read-only | no | Length of a sample of a metric.
            metrics.recording.level | string | INFO | | low | read-only | no | How much is measured.
            kafka.metrics.reporters | list | | | low | read-only | no | Classes of Kafka's that report its older metrics.
            kafka.metrics.polling.interval.secs | int | 10 | 1.. | low | read-only | no | How often those classes report.
            telemetry.max.bytes | int | 1048576 | 1.. | low | read-only | no | The most that a client may push of its metrics at a time.
            config.providers | list | | | low | cluster-wide | no | Classes that look up values of settings elsewhere: see Quarkus' own configuration sources.
            """);

    private MetricSettings() {}
}
