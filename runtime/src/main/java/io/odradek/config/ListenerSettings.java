package io.odradek.config;

import java.util.List;
import java.util.Optional;

/**
 * Where the broker listens.
 *
 * @param listeners that clients and brokers connect to; those named by {@code controller.listener.names} are not among them
 * @param controllerListeners accepted so that a KRaft configuration works; nothing is bound for them
 * @param interBrokerListenerName the listener that other brokers use
 */
public record ListenerSettings(
        List<Listener> listeners, List<Listener> controllerListeners, String interBrokerListenerName) {
    public ListenerSettings {
        listeners = List.copyOf(listeners);
        controllerListeners = List.copyOf(controllerListeners);
    }

    public Optional<Listener> listener(String name) {
        return listeners.stream().filter(l -> l.name().equals(name)).findFirst();
    }
}
