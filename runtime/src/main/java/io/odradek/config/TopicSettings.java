package io.odradek.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;
import static org.apache.kafka.common.config.ConfigDef.Type.BOOLEAN;
import static org.apache.kafka.common.config.ConfigDef.Type.DOUBLE;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;
import static org.apache.kafka.common.config.TopicConfig.*;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ValidList;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;

/** Every topic config: Apache Kafka 4.3's, with its names, types, defaults, limits and documentation, and our own. */
public final class TopicSettings {
    public static final String DURABILITY = "odradek.durability";
    public static final String LEADER_THROTTLED_REPLICAS = "leader.replication.throttled.replicas";
    public static final String FOLLOWER_THROTTLED_REPLICAS = "follower.replication.throttled.replicas";
    /** Below what {@code segment.bytes} allows, for tests alone; as in Kafka it is listed nowhere. */
    public static final String INTERNAL_SEGMENT_BYTES = "internal.segment.bytes";

    /** Settings of tiered storage, which is not offered: only the value that leaves it off is accepted. */
    private static final Set<String> TIERED_STORAGE = Set.of(
            REMOTE_LOG_STORAGE_ENABLE_CONFIG, REMOTE_LOG_COPY_DISABLE_CONFIG, REMOTE_LOG_DELETE_ON_DISABLE_CONFIG);

    private static final long DAY_MS = 24 * 60 * 60 * 1000L;

    private static final ConfigDef DEFINITIONS = define();

    private TopicSettings() {}

    private static ConfigDef define() {
        var throttled = new ThrottledReplicasSyntax();
        return new ConfigDef()
                .define(SEGMENT_BYTES_CONFIG, INT, 1 << 30, atLeast(1 << 20), MEDIUM, SEGMENT_BYTES_DOC)
                .define(SEGMENT_MS_CONFIG, LONG, 7 * DAY_MS, atLeast(1), MEDIUM, SEGMENT_MS_DOC)
                .define(SEGMENT_JITTER_MS_CONFIG, LONG, 0L, atLeast(0), MEDIUM, SEGMENT_JITTER_MS_DOC)
                .define(SEGMENT_INDEX_BYTES_CONFIG, INT, 10 << 20, atLeast(4), MEDIUM, SEGMENT_INDEX_BYTES_DOC)
                .define(
                        FLUSH_MESSAGES_INTERVAL_CONFIG,
                        LONG,
                        Long.MAX_VALUE,
                        atLeast(1),
                        MEDIUM,
                        FLUSH_MESSAGES_INTERVAL_DOC)
                .define(FLUSH_MS_CONFIG, LONG, Long.MAX_VALUE, atLeast(0), MEDIUM, FLUSH_MS_DOC)
                .define(RETENTION_BYTES_CONFIG, LONG, -1L, MEDIUM, RETENTION_BYTES_DOC)
                .define(RETENTION_MS_CONFIG, LONG, 7 * DAY_MS, atLeast(-1), MEDIUM, RETENTION_MS_DOC)
                .define(MAX_MESSAGE_BYTES_CONFIG, INT, (1 << 20) + 12, atLeast(0), MEDIUM, MAX_MESSAGE_BYTES_DOC)
                .define(INDEX_INTERVAL_BYTES_CONFIG, INT, 4096, atLeast(0), MEDIUM, INDEX_INTERVAL_BYTES_DOC)
                .define(DELETE_RETENTION_MS_CONFIG, LONG, DAY_MS, atLeast(0), MEDIUM, DELETE_RETENTION_MS_DOC)
                .define(MIN_COMPACTION_LAG_MS_CONFIG, LONG, 0L, atLeast(0), MEDIUM, MIN_COMPACTION_LAG_MS_DOC)
                .define(
                        MAX_COMPACTION_LAG_MS_CONFIG,
                        LONG,
                        Long.MAX_VALUE,
                        atLeast(1),
                        MEDIUM,
                        MAX_COMPACTION_LAG_MS_DOC)
                .define(FILE_DELETE_DELAY_MS_CONFIG, LONG, 60_000L, atLeast(0), MEDIUM, FILE_DELETE_DELAY_MS_DOC)
                .define(
                        MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
                        DOUBLE,
                        0.5,
                        between(0, 1),
                        MEDIUM,
                        MIN_CLEANABLE_DIRTY_RATIO_DOC)
                .define(
                        CLEANUP_POLICY_CONFIG,
                        LIST,
                        CLEANUP_POLICY_DELETE,
                        ValidList.in(CLEANUP_POLICY_COMPACT, CLEANUP_POLICY_DELETE),
                        MEDIUM,
                        CLEANUP_POLICY_DOC)
                .define(
                        UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                        BOOLEAN,
                        false,
                        MEDIUM,
                        UNCLEAN_LEADER_ELECTION_ENABLE_DOC)
                .define(MIN_IN_SYNC_REPLICAS_CONFIG, INT, 1, atLeast(1), MEDIUM, MIN_IN_SYNC_REPLICAS_DOC)
                .define(
                        COMPRESSION_TYPE_CONFIG,
                        STRING,
                        "producer",
                        ValidString.in("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"),
                        MEDIUM,
                        COMPRESSION_TYPE_DOC)
                .define(
                        COMPRESSION_GZIP_LEVEL_CONFIG,
                        INT,
                        CompressionType.GZIP.defaultLevel(),
                        CompressionType.GZIP.levelValidator(),
                        MEDIUM,
                        COMPRESSION_GZIP_LEVEL_DOC)
                .define(
                        COMPRESSION_LZ4_LEVEL_CONFIG,
                        INT,
                        CompressionType.LZ4.defaultLevel(),
                        CompressionType.LZ4.levelValidator(),
                        MEDIUM,
                        COMPRESSION_LZ4_LEVEL_DOC)
                .define(
                        COMPRESSION_ZSTD_LEVEL_CONFIG,
                        INT,
                        CompressionType.ZSTD.defaultLevel(),
                        CompressionType.ZSTD.levelValidator(),
                        MEDIUM,
                        COMPRESSION_ZSTD_LEVEL_DOC)
                .define(PREALLOCATE_CONFIG, BOOLEAN, false, MEDIUM, PREALLOCATE_DOC)
                .define(
                        MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        STRING,
                        "CreateTime",
                        ValidString.in("CreateTime", "LogAppendTime"),
                        MEDIUM,
                        MESSAGE_TIMESTAMP_TYPE_DOC)
                .define(
                        MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
                        LONG,
                        Long.MAX_VALUE,
                        atLeast(0),
                        MEDIUM,
                        MESSAGE_TIMESTAMP_BEFORE_MAX_MS_DOC)
                .define(
                        MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                        LONG,
                        3_600_000L,
                        atLeast(0),
                        MEDIUM,
                        MESSAGE_TIMESTAMP_AFTER_MAX_MS_DOC)
                .define(
                        LEADER_THROTTLED_REPLICAS,
                        LIST,
                        List.of(),
                        throttled,
                        MEDIUM,
                        "Replicas whose traffic as a leader is held to the broker's leader.replication.throttled.rate:"
                                + " a list of [partition]:[broker], or * for all of the topic.")
                .define(
                        FOLLOWER_THROTTLED_REPLICAS,
                        LIST,
                        List.of(),
                        throttled,
                        MEDIUM,
                        "Replicas whose traffic as a follower is held to the broker's"
                                + " follower.replication.throttled.rate: a list of [partition]:[broker], or * for all"
                                + " of the topic.")
                .define(REMOTE_LOG_STORAGE_ENABLE_CONFIG, BOOLEAN, false, MEDIUM, REMOTE_LOG_STORAGE_ENABLE_DOC)
                .define(LOCAL_LOG_RETENTION_MS_CONFIG, LONG, -2L, atLeast(-2), MEDIUM, LOCAL_LOG_RETENTION_MS_DOC)
                .define(LOCAL_LOG_RETENTION_BYTES_CONFIG, LONG, -2L, atLeast(-2), MEDIUM, LOCAL_LOG_RETENTION_BYTES_DOC)
                .define(REMOTE_LOG_COPY_DISABLE_CONFIG, BOOLEAN, false, MEDIUM, REMOTE_LOG_COPY_DISABLE_DOC)
                .define(REMOTE_LOG_DELETE_ON_DISABLE_CONFIG, BOOLEAN, false, MEDIUM, REMOTE_LOG_DELETE_ON_DISABLE_DOC)
                .defineInternal(INTERNAL_SEGMENT_BYTES, INT, null, null, MEDIUM, "Segment size for tests.")
                .define(
                        DURABILITY,
                        STRING,
                        Durability.PAGE_CACHE.value(),
                        ValidString.in(Durability.PAGE_CACHE.value(), Durability.FSYNC.value()),
                        MEDIUM,
                        "When an append counts as written: page-cache as in Apache Kafka, or fsync, where a record is"
                                + " acknowledged, and can be read, only after an fsync that all waiting appends share.");
    }

    /** The definitions, by name. */
    public static Map<String, ConfigDef.ConfigKey> definitions() {
        return DEFINITIONS.configKeys();
    }

    /** The names a client may see, which leaves out internal ones. */
    public static Set<String> names() {
        return DEFINITIONS.configKeys().values().stream()
                .filter(key -> !key.internalConfig)
                .map(key -> key.name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Checks configs given for a topic, each by itself and together.
     *
     * @throws InvalidConfigurationException with Kafka's message
     */
    public static void validate(Map<String, String> configs) {
        for (var name : configs.keySet()) {
            if (!definitions().containsKey(name)) {
                throw new InvalidConfigurationException("Unknown topic config name: " + name);
            }
        }
        Map<String, Object> values;
        try {
            values = DEFINITIONS.parse(configs);
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(e.getMessage());
        }
        validateTogether(values);
    }

    private static void validateTogether(Map<String, Object> values) {
        for (var name : TIERED_STORAGE) {
            if (Boolean.TRUE.equals(values.get(name))) {
                throw new InvalidConfigurationException(
                        "Invalid value true for configuration " + name + ": tiered storage is not offered.");
            }
        }
        var minLag = (Long) values.get(MIN_COMPACTION_LAG_MS_CONFIG);
        var maxLag = (Long) values.get(MAX_COMPACTION_LAG_MS_CONFIG);
        if (minLag > maxLag) {
            throw new InvalidConfigurationException("conflict topic config setting " + MIN_COMPACTION_LAG_MS_CONFIG
                    + " (" + minLag + ") > " + MAX_COMPACTION_LAG_MS_CONFIG + " (" + maxLag + ")");
        }
    }

    /** Parsed values of all configs, absent ones by their default; the configs have been validated. */
    static Map<String, Object> values(Map<String, String> configs) {
        return DEFINITIONS.parse(configs);
    }

    /** Typed values; the configs have been validated. */
    static LogConfig parse(Map<String, String> configs) {
        var v = values(configs);
        var internalSegmentBytes = (Integer) v.get(INTERNAL_SEGMENT_BYTES);
        var policy = strings(v, CLEANUP_POLICY_CONFIG).stream()
                .map(p -> p.toLowerCase(Locale.ROOT))
                .toList();
        return new LogConfig(
                internalSegmentBytes != null ? internalSegmentBytes : (Integer) v.get(SEGMENT_BYTES_CONFIG),
                (Long) v.get(SEGMENT_MS_CONFIG),
                (Long) v.get(SEGMENT_JITTER_MS_CONFIG),
                (Integer) v.get(SEGMENT_INDEX_BYTES_CONFIG),
                (Integer) v.get(INDEX_INTERVAL_BYTES_CONFIG),
                (Long) v.get(FLUSH_MESSAGES_INTERVAL_CONFIG),
                (Long) v.get(FLUSH_MS_CONFIG),
                (Long) v.get(RETENTION_BYTES_CONFIG),
                (Long) v.get(RETENTION_MS_CONFIG),
                (Integer) v.get(MAX_MESSAGE_BYTES_CONFIG),
                policy.contains(CLEANUP_POLICY_COMPACT),
                policy.contains(CLEANUP_POLICY_DELETE),
                (Long) v.get(DELETE_RETENTION_MS_CONFIG),
                (Long) v.get(FILE_DELETE_DELAY_MS_CONFIG),
                (Long) v.get(MIN_COMPACTION_LAG_MS_CONFIG),
                (Long) v.get(MAX_COMPACTION_LAG_MS_CONFIG),
                (Double) v.get(MIN_CLEANABLE_DIRTY_RATIO_CONFIG),
                compression(v),
                TimestampType.forName((String) v.get(MESSAGE_TIMESTAMP_TYPE_CONFIG)),
                (Long) v.get(MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG),
                (Long) v.get(MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG),
                (Integer) v.get(MIN_IN_SYNC_REPLICAS_CONFIG),
                (Boolean) v.get(PREALLOCATE_CONFIG),
                (Boolean) v.get(UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG),
                Durability.of((String) v.get(DURABILITY)),
                ThrottledReplicas.of(strings(v, LEADER_THROTTLED_REPLICAS)),
                ThrottledReplicas.of(strings(v, FOLLOWER_THROTTLED_REPLICAS)));
    }

    private static Optional<Compression> compression(Map<String, Object> values) {
        return switch ((String) values.get(COMPRESSION_TYPE_CONFIG)) {
            case "producer" -> Optional.empty();
            case "uncompressed" -> Optional.of(Compression.NONE);
            case "snappy" -> Optional.of(Compression.snappy().build());
            case "gzip" ->
                Optional.of(Compression.gzip()
                        .level((Integer) values.get(COMPRESSION_GZIP_LEVEL_CONFIG))
                        .build());
            case "lz4" ->
                Optional.of(Compression.lz4()
                        .level((Integer) values.get(COMPRESSION_LZ4_LEVEL_CONFIG))
                        .build());
            case "zstd" ->
                Optional.of(Compression.zstd()
                        .level((Integer) values.get(COMPRESSION_ZSTD_LEVEL_CONFIG))
                        .build());
            default -> throw new IllegalStateException("compression.type was validated");
        };
    }

    @SuppressWarnings("unchecked")
    private static List<String> strings(Map<String, Object> values, String name) {
        return (List<String>) values.get(name);
    }
}
