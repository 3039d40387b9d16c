package io.odradek.app;

import io.odradek.broker.Broker;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** The broker of this process, once it runs. */
@ApplicationScoped
public class RunningBroker {
    private volatile Broker broker;
    private volatile boolean stopping;

    void set(Broker broker) {
        this.broker = broker;
    }

    void stopping() {
        stopping = true;
    }

    /** Empty until the broker serves clients. */
    Optional<Broker> broker() {
        return Optional.ofNullable(broker);
    }

    boolean isStopping() {
        return stopping;
    }
}
