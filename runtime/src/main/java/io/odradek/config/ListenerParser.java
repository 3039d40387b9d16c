package io.odradek.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** Makes listeners of the settings that name them, by Kafka's rules. */
final class ListenerParser {
    private static final Pattern LISTENER =
            Pattern.compile("([^:/]+)://(\\[[0-9a-fA-F:%.]*\\]|[^:\\[\\]/]*):(-?[0-9]+)");
    private static final String NETWORK_THREADS = "num.network.threads";
    private static final String PROTOCOL_MAP = "listener.security.protocol.map";

    private final SettingValues values;
    private final Map<String, String> originals;
    private final Set<String> controllerNames = new HashSet<>();
    private final Map<String, SecurityProtocol> protocols;

    ListenerParser(SettingValues values, Map<String, String> originals) {
        this.values = values;
        this.originals = originals;
        values.list("controller.listener.names").forEach(name -> controllerNames.add(normalised(name)));
        protocols = protocols();
    }

    private record Address(String name, String host, int port) {}

    ListenerSettings parse() {
        var explicitlyAdvertised = !values.list("advertised.listeners").isEmpty();
        var addresses = bound();
        requireDistinctPorts(addresses);
        var advertised = explicitlyAdvertised ? addresses("advertised.listeners") : addresses;
        var clients = new ArrayList<Listener>();
        var controllers = new ArrayList<Listener>();
        for (var address : addresses.values()) {
            var isController = controllerNames.contains(address.name());
            var listener = listener(
                    address, Optional.ofNullable(advertised.get(address.name())).map(ListenerParser::routable));
            (isController ? controllers : clients).add(listener);
        }
        boolean isBroker = values.list("process.roles").contains("broker");
        Check.that(
                !clients.isEmpty() || !isBroker, "listeners must contain one that is not in controller.listener.names");
        Check.that(
                clients.isEmpty() || isBroker,
                "The listeners config must only contain KRaft controller listeners from controller.listener.names when"
                        + " process.roles=controller");
        for (var address : advertised.values()) {
            Check.that(
                    addresses.containsKey(address.name()) || controllerNames.contains(address.name()),
                    "advertised.listeners has " + address.name() + ", which is not among listeners");
            Check.that(
                    !explicitlyAdvertised || !isWildcard(address.host()),
                    "advertised.listeners cannot use the nonroutable address " + address.host()
                            + ". Use a routable IP address.");
        }
        var interBroker = interBrokerListener();
        Check.that(
                !isBroker
                        || clients.stream()
                                .anyMatch(l -> l.name().equals(interBroker)
                                        && l.advertised().isPresent()),
                "The listener between brokers, " + interBroker + ", must be among listeners and advertised.listeners;"
                        + " see inter.broker.listener.name");
        return new ListenerSettings(clients, controllers, interBroker);
    }

    /**
     * What {@code listeners} says. Without it, and if listeners are advertised that the default does not have, these, at every
     * address, as the scripts of Kafka's image have it.
     */
    private Map<String, Address> bound() {
        var bound = addresses("listeners");
        var advertised = addresses("advertised.listeners");
        if (originals.containsKey("listeners") || bound.keySet().containsAll(advertised.keySet())) {
            return bound;
        }
        advertised.replaceAll((name, address) -> new Address(name, "", address.port()));
        return advertised;
    }

    /** Nobody can connect to every address: an empty host stands for this machine's name. */
    private static Address routable(Address address) {
        return isWildcard(address.host()) ? new Address(address.name(), "", address.port()) : address;
    }

    private static boolean isWildcard(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    private Map<String, Address> addresses(String setting) {
        var addresses = new LinkedHashMap<String, Address>();
        for (var text : values.list(setting)) {
            var matcher = LISTENER.matcher(text.trim());
            if (!matcher.matches()) {
                throw new ConfigException(setting, text, "must be name://host:port, separated by commas");
            }
            var name = normalised(matcher.group(1));
            var host = matcher.group(2).replaceAll("[\\[\\]]", "");
            int port;
            try {
                port = Integer.parseInt(matcher.group(3));
            } catch (NumberFormatException e) {
                throw new ConfigException(setting, text, "has no such port");
            }
            if (port < 0 || port > 65535) {
                throw new ConfigException(setting, text, "has no such port");
            }
            if (addresses.put(name, new Address(name, host, port)) != null) {
                throw new ConfigException(setting, text, "each listener must have a different name");
            }
        }
        return addresses;
    }

    /** Two may share a port only where one is bound to an IPv4 and the other to an IPv6 address. */
    private static void requireDistinctPorts(Map<String, Address> addresses) {
        var used = new HashMap<Integer, List<Address>>();
        for (var address : addresses.values()) {
            if (address.port() != 0) {
                used.computeIfAbsent(address.port(), p -> new ArrayList<>()).add(address);
            }
        }
        used.forEach((port, sharing) -> {
            long v4 = sharing.stream().filter(a -> a.host().matches("[0-9.]+")).count();
            long v6 = sharing.stream().filter(a -> a.host().contains(":")).count();
            Check.that(
                    sharing.size() == 1 || sharing.size() == 2 && v4 == 1 && v6 == 1,
                    "listeners has port " + port + " more than once: each listener must have a different port, unless"
                            + " one has an IPv4 address and the other an IPv6 address");
        });
    }

    private Map<String, SecurityProtocol> protocols() {
        var map = new HashMap<String, SecurityProtocol>();
        for (var entry : values.string(PROTOCOL_MAP).split(",")) {
            if (entry.isBlank()) {
                continue;
            }
            var parts = entry.split(":", -1);
            if (parts.length != 2) {
                throw new ConfigException(PROTOCOL_MAP, entry, "must be name:protocol, separated by commas");
            }
            map.put(normalised(parts[0]), protocol(PROTOCOL_MAP, parts[1].trim()));
        }
        // Also beside a map that does not name them, where Kafka refuses: a node that is one of several has to say it
        // anyway.
        if (!usesSecurity()) {
            controllerNames.forEach(name -> map.putIfAbsent(name, SecurityProtocol.PLAINTEXT));
        }
        return map;
    }

    private boolean usesSecurity() {
        var names = new HashSet<>(controllerNames);
        values.list("listeners").forEach(l -> names.add(normalised(l.split(":")[0])));
        return names.stream().anyMatch(Set.of("SSL", "SASL_SSL", "SASL_PLAINTEXT")::contains);
    }

    private static SecurityProtocol protocol(String setting, String name) {
        try {
            return SecurityProtocol.forName(name);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(setting, name, "must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL");
        }
    }

    private Listener listener(Address address, Optional<Address> advertised) {
        var protocol = protocols.get(address.name());
        Check.that(
                protocol != null,
                "No security protocol is defined for listener " + address.name() + ": see " + PROTOCOL_MAP);
        var isController = controllerNames.contains(address.name());
        Check.that(
                isController || protocol == SecurityProtocol.PLAINTEXT || protocol == SecurityProtocol.SSL,
                "listeners has " + address.name() + " with " + protocol + ", and SASL is not offered");
        var overrides = overrides(address.name());
        var limits = BrokerSettings.parse(overrides);
        return new Listener(
                address.name(),
                address.host(),
                address.port(),
                advertised.map(a -> new Listener.HostPort(a.host(), a.port())),
                protocol,
                protocol == SecurityProtocol.SSL && !isController
                        ? Optional.of(SslSettings.of(BrokerSettings.parse(withOverrides(overrides))))
                        : Optional.empty(),
                limits.integer("max.connections"),
                limits.integer("max.connection.creation.rate"),
                (overrides.containsKey(NETWORK_THREADS) ? limits : values).integer(NETWORK_THREADS),
                overrides);
    }

    private Map<String, String> overrides(String listener) {
        var prefix = "listener.name." + listener.toLowerCase(Locale.ROOT) + ".";
        var overrides = new HashMap<String, String>();
        originals.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                overrides.put(name.substring(prefix.length()), value);
            }
        });
        return overrides;
    }

    private Map<String, String> withOverrides(Map<String, String> overrides) {
        var all = new HashMap<>(originals);
        all.putAll(overrides);
        return all;
    }

    private String interBrokerListener() {
        var name = values.text("inter.broker.listener.name");
        if (name.isEmpty()) {
            return values.string("security.inter.broker.protocol");
        }
        Check.that(
                !originals.containsKey("security.inter.broker.protocol"),
                "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set");
        return normalised(name.get());
    }

    private static String normalised(String name) {
        return name.trim().toUpperCase(Locale.ROOT);
    }
}
