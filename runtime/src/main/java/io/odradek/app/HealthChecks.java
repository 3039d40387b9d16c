package io.odradek.app;

import io.odradek.broker.Broker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * Live: the process is worth keeping; it takes part in the metadata quorum and has a log directory that works. Ready: it
 * serves clients. Started: it has been ready once.
 */
@ApplicationScoped
class HealthChecks {
    private final RunningBroker running;

    HealthChecks(RunningBroker running) {
        this.running = running;
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck live() {
        return () -> {
            var health = running.broker().map(Broker::health);
            return HealthCheckResponse.named("broker")
                    .status(health.map(h -> h.metadataWritable() && h.hasLogDirectory())
                            .orElse(true))
                    .withData(
                            "offlineLogDirectories",
                            health.map(h -> String.join(",", h.offlineLogDirectories()))
                                    .orElse(""))
                    .build();
        };
    }

    @Produces
    @Readiness
    @ApplicationScoped
    HealthCheck ready() {
        return () -> {
            var health = running.broker().map(Broker::health);
            return HealthCheckResponse.named("serving")
                    .status(health.map(h -> h.metadataApplied()
                                    && h.hasLogDirectory()
                                    && h.listenersOpen()
                                    && !running.isStopping())
                            .orElse(false))
                    .withData(
                            "metadataApplied",
                            health.map(Broker.Health::metadataApplied).orElse(false))
                    .withData(
                            "logDirectoriesRecovered",
                            health.map(Broker.Health::hasLogDirectory).orElse(false))
                    .withData(
                            "listenersOpen",
                            health.map(Broker.Health::listenersOpen).orElse(false))
                    .build();
        };
    }

    @Produces
    @Startup
    @ApplicationScoped
    HealthCheck started() {
        return () -> HealthCheckResponse.named("started")
                .status(running.broker().isPresent())
                .build();
    }
}
