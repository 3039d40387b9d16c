package io.odradek.replication;

import io.odradek.metadata.BrokerImage;
import java.util.Optional;

/** The brokers as the metadata has them. */
@FunctionalInterface
interface KnownBrokers {
    Optional<BrokerImage> broker(int id);

    /** Whether the metadata has a later incarnation of this broker than the one that says so. */
    default boolean isStale(int id, long epoch) {
        return epoch != FollowerState.UNKNOWN_EPOCH
                && broker(id).filter(b -> b.epoch() > epoch).isPresent();
    }

    /** Whether it is registered and not fenced. */
    default boolean isInService(int id) {
        return broker(id).filter(b -> !b.fenced()).isPresent();
    }

    /** Whether the metadata would take this incarnation of a broker into an ISR. */
    default boolean mayBeInSync(int id, long epoch) {
        return broker(id)
                .filter(b -> b.isActive() && (epoch == FollowerState.UNKNOWN_EPOCH || b.epoch() == epoch))
                .isPresent();
    }
}
