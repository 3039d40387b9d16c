package io.odradek.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for brokers that are killed and come back. */
public final class Ports {
    private static final int FROM = 12_000;
    /** From here on Linux takes ports for outgoing connections. */
    private static final int TO = 32_000;

    /** Those that were given to somebody in this JVM, who may not listen on them yet. */
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private Ports() {}

    /**
     * A port that nobody listens on and that is given only once, and that no client's connection is given while the broker is down: clients that try
     * to reconnect would otherwise take it from the broker sooner or later, or even connect to themselves.
     */
    public static int free() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FROM, TO);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (GIVEN.add(port)) {
                    return socket.getLocalPort();
                }
            } catch (IOException e) {
                // Taken: another one.
            }
        }
    }
}
