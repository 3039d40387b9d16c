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
 * Live: the process is worth keeping; its metadata log and a log directory work. Ready: it serves clients, as the cluster
 * knows; a node whose cluster has lost its quorum still does. Started: it has been ready once.
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
                                    && h.inService()
                                    && h.listenersOpen()
                                    && !running.isStopping())
                            .orElse(false))
                    .withData(
                            "metadataApplied",
                            health.map(Broker.Health::metadataApplied).orElse(false))
                    .withData(
                            "logDirectoriesRecovered",
                            health.map(Broker.Health::hasLogDirectory).orElse(false))
                    .withData("quorum", health.map(Broker.Health::quorum).orElse(false))
                    .withData("inService", health.map(Broker.Health::inService).orElse(false))
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
