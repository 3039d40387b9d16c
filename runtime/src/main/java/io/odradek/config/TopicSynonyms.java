package io.odradek.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Which broker settings a topic's config falls back to, the first that is set winning. */
final class TopicSynonyms {
    private static final long MINUTE_MS = 60_000;
    private static final long HOUR_MS = 60 * MINUTE_MS;

    private static final Map<String, List<Synonym>> BY_TOPIC_CONFIG = synonyms();

    private TopicSynonyms() {}

    /** @param unitMs what one of the broker's setting is in the topic config's unit */
    record Synonym(String name, long unitMs) {
        String converted(String value) {
            return unitMs == 1 ? value : String.valueOf(Long.parseLong(value.trim()) * unitMs);
        }
    }

    private static Map<String, List<Synonym>> synonyms() {
        var map = new TreeMap<String, List<Synonym>>();
        for (var name : List.of(
                "unclean.leader.election.enable",
                "min.insync.replicas",
                "compression.type",
                "compression.gzip.level",
                "compression.lz4.level",
                "compression.zstd.level",
                TopicSettings.DURABILITY)) {
            map.put(name, List.of(new Synonym(name, 1)));
        }
        for (var name : List.of(
                "segment.bytes",
                "retention.bytes",
                "index.interval.bytes",
                "cleanup.policy",
                "preallocate",
                "message.timestamp.type",
                "message.timestamp.before.max.ms",
                "message.timestamp.after.max.ms",
                "local.retention.ms",
                "local.retention.bytes")) {
            map.put(name, List.of(new Synonym("log." + name, 1)));
        }
        for (var name : List.of("delete.retention.ms", "min.compaction.lag.ms", "max.compaction.lag.ms")) {
            map.put(name, List.of(new Synonym("log.cleaner." + name, 1)));
        }
        map.put("segment.ms", List.of(new Synonym("log.roll.ms", 1), new Synonym("log.roll.hours", HOUR_MS)));
        map.put(
                "segment.jitter.ms",
                List.of(new Synonym("log.roll.jitter.ms", 1), new Synonym("log.roll.jitter.hours", HOUR_MS)));
        map.put("segment.index.bytes", List.of(new Synonym("log.index.size.max.bytes", 1)));
        map.put("flush.messages", List.of(new Synonym("log.flush.interval.messages", 1)));
        map.put(
                "flush.ms",
                List.of(new Synonym("log.flush.interval.ms", 1), new Synonym("log.flush.scheduler.interval.ms", 1)));
        map.put(
                "retention.ms",
                List.of(
                        new Synonym("log.retention.ms", 1),
                        new Synonym("log.retention.minutes", MINUTE_MS),
                        new Synonym("log.retention.hours", HOUR_MS)));
        map.put("max.message.bytes", List.of(new Synonym("message.max.bytes", 1)));
        map.put("file.delete.delay.ms", List.of(new Synonym("log.segment.delete.delay.ms", 1)));
        map.put("min.cleanable.dirty.ratio", List.of(new Synonym("log.cleaner.min.cleanable.ratio", 1)));
        return map;
    }

    static List<Synonym> of(String topicConfig) {
        return BY_TOPIC_CONFIG.getOrDefault(topicConfig, List.of());
    }

    /** Broker settings that mean the same as this one, itself included, the first that is set winning. */
    static List<String> group(String brokerSetting) {
        return BY_TOPIC_CONFIG.values().stream()
                .map(synonyms -> synonyms.stream().map(Synonym::name).toList())
                .filter(names ->
                        names.contains(brokerSetting) && !brokerSetting.equals("log.flush.scheduler.interval.ms"))
                .findFirst()
                .orElse(List.of(brokerSetting));
    }

    /**
     * What a topic has that overrides nothing.
     *
     * @param settings the value that is set for a broker setting, defaults left out
     */
    static Map<String, String> topicDefaults(Function<String, Optional<String>> settings) {
        var defaults = new TreeMap<String, String>();
        BY_TOPIC_CONFIG.forEach((topicConfig, synonyms) -> {
            for (var synonym : synonyms) {
                var value = settings.apply(synonym.name());
                if (value.isPresent()) {
                    defaults.put(topicConfig, synonym.converted(value.get()));
                    break;
                }
            }
        });
        // Any negative time is no limit for the broker; a topic knows only -1.
        defaults.computeIfPresent("retention.ms", (name, ms) -> Long.parseLong(ms.trim()) < 0 ? "-1" : ms);
        return defaults;
    }
}
