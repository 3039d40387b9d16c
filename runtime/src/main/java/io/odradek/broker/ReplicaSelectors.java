package io.odradek.broker;

import io.odradek.config.BrokerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.replica.RackAwareReplicaSelector;
import org.apache.kafka.common.replica.ReplicaSelector;
import org.apache.kafka.common.utils.Utils;

/** Makes what {@code replica.selector.class} names. */
final class ReplicaSelectors {
    private ReplicaSelectors() {}

    /**
     * @param className a class on the class path; in a native executable, Kafka's own alone
     * @throws ConfigException in one line, if it cannot be made
     */
    static ReplicaSelector make(String className, BrokerConfig config) {
        ReplicaSelector selector;
        try {
            selector = className.equals(RackAwareReplicaSelector.class.getName())
                    ? new RackAwareReplicaSelector()
                    : Utils.newInstance(className, ReplicaSelector.class);
        } catch (ClassNotFoundException | KafkaException | ClassCastException e) {
            throw new ConfigException("replica.selector.class", className, "cannot be used: " + e);
        }
        selector.configure(config.originals());
        return selector;
    }
}
