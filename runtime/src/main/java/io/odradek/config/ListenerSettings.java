package io.odradek.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the broker listens.
 *
 * @param listeners that clients and brokers connect to; those named by {@code controller.listener.names} are not among them
 * @param controllerListeners those named by {@code controller.listener.names}: where the metadata's quorum listens if it
 *     has several nodes; the first one counts
 * @param interBrokerListenerName the listener that other brokers use
 */
public record ListenerSettings(
        List<Listener> listeners, List<Listener> controllerListeners, String interBrokerListenerName) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            listeners | list | PLAINTEXT://:9092 | not empty | high | per-broker | yes | Where the broker listens: name://host:port, several separated by commas; an empty host is every address.
            advertised.listeners | list | - | not empty | high | read-only | yes | What clients are told to connect to, by listener name; without it, what `listeners` says.
            listener.security.protocol.map | string | SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT | | low | per-broker | yes | Which security protocol each listener name speaks: name:protocol, separated by commas.
            inter.broker.listener.name | string | - | | medium | read-only | yes | The listener that brokers use among themselves; not together with `security.inter.broker.protocol`.
            security.inter.broker.protocol | string | PLAINTEXT | {PLAINTEXT,SSL,SASL_PLAINTEXT,SASL_SSL} | medium | read-only | yes | Names the listener between brokers by its protocol, where `inter.broker.listener.name` is not set.
            controller.listener.names | list | | | high | read-only | yes | Names of the listeners at which the nodes that vote on metadata reach each other. A node that is a cluster of its own binds nothing for them.
            early.start.listeners | list | - | | high | read-only | no | Listeners that open before the authorizer is ready.
            """);

    public ListenerSettings {
        listeners = List.copyOf(listeners);
        controllerListeners = List.copyOf(controllerListeners);
    }

    public Optional<Listener> listener(String name) {
        return listeners.stream().filter(l -> l.name().equals(name)).findFirst();
    }

    static ListenerSettings of(SettingValues v, Map<String, String> originals) {
        return new ListenerParser(v, originals).parse();
    }
}
