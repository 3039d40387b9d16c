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
 * @param inControlledShutdown whether it is about to stop: it leads nothing and enters no ISR, but is not out of service
 */
public record BrokerImage(
        int id,
        long epoch,
        Uuid incarnation,
        List<Endpoint> endpoints,
        Optional<String> rack,
        PMap<String, VersionRange> features,
        boolean fenced,
        boolean inControlledShutdown) {
    public BrokerImage {
        endpoints = List.copyOf(endpoints);
    }

    public BrokerImage(
            int id,
            long epoch,
            Uuid incarnation,
            List<Endpoint> endpoints,
            Optional<String> rack,
            PMap<String, VersionRange> features,
            boolean fenced) {
        this(id, epoch, incarnation, endpoints, rack, features, fenced, false);
    }

    public Optional<Endpoint> endpoint(String listener) {
        return endpoints.stream().filter(e -> e.listener().equals(listener)).findFirst();
    }

    /** Whether it may lead and be in sync. */
    public boolean isActive() {
        return !fenced && !inControlledShutdown;
    }

    BrokerImage outOfService() {
        return new BrokerImage(id, epoch, incarnation, endpoints, rack, features, true, inControlledShutdown);
    }

    BrokerImage aboutToStop() {
        return new BrokerImage(id, epoch, incarnation, endpoints, rack, features, fenced, true);
    }
}
