package io.odradek.api;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.LogLevelConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.jboss.logmanager.Level;

/**
 * This process's loggers as Kafka's BROKER_LOGGER resource (KIP-412). Levels last until the process ends. Thread-safe.
 */
public final class BrokerLoggers {
    private static final String ROOT = "root";

    /** By Kafka's names, from the least to the most talkative. */
    private static final Map<String, Level> LEVELS = Map.of(
            LogLevelConfig.FATAL_LOG_LEVEL, Level.FATAL,
            LogLevelConfig.ERROR_LOG_LEVEL, Level.ERROR,
            LogLevelConfig.WARN_LOG_LEVEL, Level.WARN,
            LogLevelConfig.INFO_LOG_LEVEL, Level.INFO,
            LogLevelConfig.DEBUG_LOG_LEVEL, Level.DEBUG,
            LogLevelConfig.TRACE_LOG_LEVEL, Level.TRACE);

    /** A logger that nobody refers to may be collected, and its level with it. As many as there are loggers at most. */
    private final Map<String, Logger> changed = new ConcurrentHashMap<>();

    /** The level that is in force of every logger, by name. */
    SortedMap<String, String> levels() {
        var levels = new TreeMap<String, String>();
        for (var name : Collections.list(LogManager.getLogManager().getLoggerNames())) {
            levels.put(name.isEmpty() ? ROOT : name, levelInForce(Logger.getLogger(name)));
        }
        return levels;
    }

    private static String levelInForce(Logger logger) {
        var l = logger;
        while (l.getLevel() == null && l.getParent() != null) {
            l = l.getParent();
        }
        int value = l.getLevel() == null ? Level.INFO.intValue() : l.getLevel().intValue();
        return LEVELS.entrySet().stream()
                .filter(e -> e.getValue().intValue() <= value)
                .max(Map.Entry.comparingByValue((a, b) -> Integer.compare(a.intValue(), b.intValue())))
                .map(Map.Entry::getKey)
                .orElse(LogLevelConfig.TRACE_LOG_LEVEL);
    }

    /** @throws org.apache.kafka.common.errors.ApiException if one of the changes cannot be made */
    void validate(Collection<AlterableConfig> changes) {
        var names = levels().keySet();
        for (var change : changes) {
            var operation = OpType.forId(change.configOperation());
            if (operation != OpType.SET && operation != OpType.DELETE) {
                throw new InvalidRequestException((operation == null
                                ? "Unknown operation type " + change.configOperation()
                                : operation + " operation")
                        + " is not allowed for the BROKER_LOGGER resource");
            }
            if (!names.contains(change.name())) {
                throw new InvalidConfigurationException("Logger " + change.name() + " does not exist!");
            }
            if (operation == OpType.SET && !LEVELS.containsKey(change.value())) {
                throw new InvalidConfigurationException("Cannot set the log level of " + change.name() + " to "
                        + change.value() + " as it is not a supported log level. Valid log levels are "
                        + String.join(", ", LEVELS.keySet().stream().sorted().toList()));
            }
            if (operation == OpType.DELETE && change.name().equals(ROOT)) {
                throw new InvalidRequestException("Removing the log level of the " + ROOT + " logger is not allowed");
            }
        }
    }

    /** Makes changes that are valid. */
    void apply(Collection<AlterableConfig> changes) {
        for (var change : changes) {
            var logger = Logger.getLogger(change.name().equals(ROOT) ? "" : change.name());
            if (OpType.forId(change.configOperation()) == OpType.SET) {
                logger.setLevel(LEVELS.get(change.value()));
                changed.put(change.name(), logger);
            } else {
                logger.setLevel(null);
                changed.remove(change.name());
            }
        }
    }
}
