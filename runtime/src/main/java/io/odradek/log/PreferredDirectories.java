package io.odradek.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where logs are to be made that do not exist yet, by the names of their directories. As in Kafka, not kept over a restart.
 * Guarded by the {@link LogStore}'s monitor.
 */
final class PreferredDirectories {
    /** Whoever may alter the cluster may name partitions that never come: then the oldest wish is forgotten. */
    private static final int MAX = 100_000;

    private final Map<String, LogDirectory> wishes = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, LogDirectory> eldest) {
            return size() > MAX;
        }
    };

    void put(String name, LogDirectory directory) {
        wishes.remove(name);
        wishes.put(name, directory);
    }

    /** Only of a directory that is still online. */
    Optional<LogDirectory> take(String name) {
        return Optional.ofNullable(wishes.remove(name)).filter(LogDirectory::isOnline);
    }
}
