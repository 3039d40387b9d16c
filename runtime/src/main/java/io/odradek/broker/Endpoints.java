package io.odradek.broker;

import io.odradek.config.Listener;
import io.odradek.config.Listener.HostPort;
import io.odradek.metadata.Endpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What clients are told: the advertised address of each listener, completed with what was bound. */
final class Endpoints {
    private Endpoints() {}

    /** @param ports that were bound, by listener name; a listener that could not be bound is not advertised */
    static List<Endpoint> of(List<Listener> listeners, Map<String, Integer> ports) {
        var endpoints = new ArrayList<Endpoint>();
        for (var listener : listeners) {
            listener.advertised()
                    .filter(advertised -> ports.containsKey(listener.name()))
                    .map(advertised -> endpoint(listener, advertised, ports.get(listener.name())))
                    .ifPresent(endpoints::add);
        }
        return endpoints;
    }

    private static Endpoint endpoint(Listener listener, HostPort advertised, int boundPort) {
        var host = advertised.host().isEmpty() ? machineName() : advertised.host();
        var port = advertised.port() == 0 ? boundPort : advertised.port();
        return new Endpoint(listener.name(), host, port, listener.securityProtocol());
    }

    private static String machineName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException e) {
            return InetAddress.getLoopbackAddress().getHostAddress();
        }
    }
}
