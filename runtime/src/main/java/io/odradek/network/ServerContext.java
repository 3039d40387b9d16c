package io.odradek.network;

import io.odradek.api.ApiDispatcher;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What all connections of a server share.
 *
 * @param dispatcher may be asked once the server serves
 * @param connections those that are open; thread safe
 * @param nanoClock as {@link System#nanoTime}
 */
record ServerContext(
        NetworkConfig config,
        ApiDispatcher dispatcher,
        RequestParser parser,
        IdentityResolver identities,
        RequestMetrics metrics,
        RequestMemory memory,
        StalledFrames stalled,
        ClientMistakes mistakes,
        Set<KafkaConnection> connections,
        LongSupplier nanoClock) {}
