package io.odradek.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;

/** Which steps from one configuration to another a running broker takes (KIP-226, KIP-612). Kafka's rules; pure. */
public final class Reconfiguration {
    private static final String NETWORK_THREADS = "num.network.threads";
    private static final String CLEANER_THREADS = "log.cleaner.threads";

    /** Numbers of threads that may at most be halved or doubled at a time. */
    private static final List<String> THREADS = List.of(
            "num.io.threads",
            "num.replica.fetchers",
            "num.recovery.threads.per.data.dir",
            "background.threads",
            NETWORK_THREADS);

    private static final List<String> CONNECTION_LIMITS = List.of("max.connections", "max.connection.creation.rate");

    /** What may change of a listener that is there, beside its keys and certificates. */
    private static final Set<String> CHANGEABLE_OF_LISTENERS =
            Set.of("max.connections", "max.connection.creation.rate", NETWORK_THREADS);

    private Reconfiguration() {}

    /** @throws ConfigException in one line, if a broker that runs with {@code before} cannot go over to {@code after} */
    public static void check(BrokerConfig before, BrokerConfig after) {
        var from = BrokerSettings.parse(before.originals());
        var to = BrokerSettings.parse(after.originals());
        THREADS.forEach(name -> checkThreads(name, from.integer(name), to.integer(name)));
        if (from.integer(CLEANER_THREADS) != to.integer(CLEANER_THREADS)) {
            checkThreads(CLEANER_THREADS, Math.max(1, from.integer(CLEANER_THREADS)), to.integer(CLEANER_THREADS));
        }
        for (var name : CONNECTION_LIMITS) {
            checkLimit(name, from.integer(name), to.integer(name));
        }
        checkListeners(before.listeners(), after.listeners());
    }

    private static void checkThreads(String name, int before, int after) {
        if (after == before) {
            return;
        }
        var failed = "Dynamic thread count update validation failed for " + name + "=" + after;
        Check.that(after > 0, failed + ", value should be at least 1");
        Check.that(after >= before / 2, failed + ", value should be at least half the current value " + before);
        Check.that(
                after <= before * 2L, failed + ", value should not be greater than double the current value " + before);
    }

    /** Zero is possible at the start alone: nobody could connect any more to take it back. */
    private static void checkLimit(String name, int before, int after) {
        Check.that(after > 0 || after == before, "Invalid " + name + " " + after);
    }

    private static void checkListeners(ListenerSettings before, ListenerSettings after) {
        for (var listener : before.listeners()) {
            var successor = after.listener(listener.name());
            Check.that(
                    successor.isPresent() || listener.advertised().isEmpty(),
                    "Listener " + listener.name() + " is advertised and must stay among the listeners");
            successor.ifPresent(s -> checkListener(listener, s));
        }
    }

    private static void checkListener(Listener before, Listener after) {
        Check.that(
                before.securityProtocol() == after.securityProtocol(),
                "Security protocol cannot be updated for existing listener " + before.name());
        Check.that(
                fixed(before.overrides()).equals(fixed(after.overrides())),
                "Configs cannot be updated dynamically for existing listener " + before.name()
                        + ", restart broker or create a new listener for update");
        var prefix = "listener.name." + before.name().toLowerCase(java.util.Locale.ROOT) + ".";
        checkThreads(prefix + NETWORK_THREADS, before.numNetworkThreads(), after.numNetworkThreads());
        checkLimit(prefix + "max.connections", before.maxConnections(), after.maxConnections());
        checkLimit(
                prefix + "max.connection.creation.rate",
                before.maxConnectionCreationRate(),
                after.maxConnectionCreationRate());
    }

    private static Map<String, String> fixed(Map<String, String> overrides) {
        var fixed = new HashMap<>(overrides);
        fixed.keySet().removeAll(CHANGEABLE_OF_LISTENERS);
        fixed.keySet().removeAll(SslConfigs.RECONFIGURABLE_CONFIGS);
        return fixed;
    }
}
