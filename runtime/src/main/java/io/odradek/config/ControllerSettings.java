package io.odradek.config;

import java.time.Duration;
import java.util.List;

/**
 * Brokers and the controller that looks after them.
 *
 * @param autoLeaderRebalance {@code auto.leader.rebalance.enable}: leaderships go back to preferred replicas by themselves
 * @param leaderImbalanceCheckInterval {@code leader.imbalance.check.interval.seconds}
 * @param controlledShutdown {@code controlled.shutdown.enable}: a broker hands its leaderships over before it stops
 * @param registrationTimeout {@code initial.broker.registration.timeout.ms}: how long a start waits for the cluster
 */
public record ControllerSettings(
        boolean autoLeaderRebalance,
        Duration leaderImbalanceCheckInterval,
        boolean controlledShutdown,
        Duration registrationTimeout) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            controlled.shutdown.enable | boolean | true | | medium | read-only | yes | Whether a broker hands over what it leads before it stops.
            broker.heartbeat.interval.ms | int | 2000 | | medium | read-only | no | How often a broker sends a heartbeat to the controller: its death is seen by other means here.
            broker.session.timeout.ms | int | 9000 | | medium | read-only | no | How long a broker may be silent before it is fenced: its death is seen by other means here.
            initial.broker.registration.timeout.ms | int | 60000 | | medium | read-only | yes | How long a broker that starts tries to register before it gives up.
            auto.leader.rebalance.enable | boolean | true | | high | read-only | yes | Whether leadership goes back to preferred replicas by itself.
            leader.imbalance.check.interval.seconds | long | 300 | 1.. | high | read-only | yes | How often leadership is compared with preferred replicas.
            """);

    static ControllerSettings of(SettingValues v) {
        return new ControllerSettings(
                v.flag("auto.leader.rebalance.enable"),
                Duration.ofSeconds(v.longValue("leader.imbalance.check.interval.seconds")),
                v.flag("controlled.shutdown.enable"),
                Duration.ofMillis(v.integer("initial.broker.registration.timeout.ms")));
    }
}
