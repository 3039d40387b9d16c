package io.odradek.metadata;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.pcollections.PMap;

/**
 * A broker that has registered.
 *
 * @param epoch grows with each registration, over all brokers; a request that carries an older one comes from a zombie
 * @param incarnation made anew each time the process starts
 * @param features what this broker can serve, by feature name
 * @param fenced whether it is out of service: it leads nothing and is in no ISR but where it is the last member
 */
public record BrokerImage(
        int id,
        long epoch,
        Uuid incarnation,
        List<Endpoint> endpoints,
        Optional<String> rack,
        PMap<String, VersionRange> features,
        boolean fenced) {
    public BrokerImage {
        endpoints = List.copyOf(endpoints);
    }

    public Optional<Endpoint> endpoint(String listener) {
        return endpoints.stream().filter(e -> e.listener().equals(listener)).findFirst();
    }
}
